using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Passkeys;

/// <summary>Adding, using and removing passkeys, and answers that aren't right.</summary>
public sealed class PasskeyServiceTests
{
    /// <summary>Authenticators and browsers that must not get a passkey.</summary>
    private static readonly Dictionary<string, Action<TestAuthenticator>> Liars = new()
    {
        ["a page of another site"] = device => device.Origin = "https://portal.example.org",
        ["a page of another port"] = device => device.Origin = "https://portal.example.com:8443",
        ["a page without HTTPS"] = device => device.Origin = "http://portal.example.com",
        ["the domain of another site"] = device => device.Domain = "example.org",
        ["a person who isn't verified"] = device => device.IsVerified = false,
    };

    private static readonly string?[] Garbage = [null, "", "{}", "null", "[]", "{\"id\":1}", "not json", new string('x', PasskeyCeremonies.LongestCredential + 1)];

    [Fact]
    public async Task Add_FirstPasskey_GivesRecoveryCodesAndEndsOtherSessions()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (here, elsewhere) = (await SignInAsync(portal), await SignInAsync(portal, "elsewhere"));
        Assert.Equal("Firefox, Linux", await Passkeys(portal).ProposeNameAsync(here));
        var device = new TestAuthenticator { IsSynced = true };

        var added = await AddAsync(portal, here, device, " Laptop ");

        Assert.Null(added.Fault);
        Assert.Equal(SecondFactorService.RecoveryCodeCount, added.RecoveryCodes!.Count);
        await Assert.ThrowsAsync<SessionEndedException>(() => Passkeys(portal).ListAsync(elsewhere));
        var passkey = Assert.Single(await Passkeys(portal).ListAsync(here));
        Assert.Equal(("Laptop", portal.Now, true), (passkey.Name, passkey.CreatedAt, passkey.IsSynced));
        Assert.Null((await AddAsync(portal, here, new TestAuthenticator(), "Phone")).RecoveryCodes);
        Assert.Equal(new SecondFactorState(null, 10, HasPasskey: true), await portal.Services.GetRequiredService<SecondFactorService>().ReadAsync(here));
        Assert.Equal(["user.passkey_added", "user.passkey_added"], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Add_And_Prove_AnswerOfALiar_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        foreach (var (liar, lie) in Liars)
        {
            var device = new TestAuthenticator();
            lie(device);
            Assert.True((await AddAsync(portal, actor, device)).Fault is not null, liar);

            var honest = new TestAuthenticator();
            Assert.Null((await AddAsync(portal, actor, honest)).Fault);
            lie(honest);
            Assert.True(await ProveAsync(portal, actor, honest) == ProofOutcome.WrongPasskey, liar);
        }
    }

    [Fact]
    public async Task Add_And_Prove_Garbage_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = portal.Administrator;
        await AddAsync(portal, actor, new TestAuthenticator());
        foreach (var credential in Garbage)
        {
            // Otherwise, the attempts are too many.
            portal.Clock.Advance(TimeSpan.FromMinutes(1));
            var (creation, proof) = (await Passkeys(portal).BeginAsync(actor, TestAuthenticator.Site), await Proofs(portal).BeginPasskeyAsync(actor, TestAuthenticator.Site));
            Assert.NotNull((await Passkeys(portal).AddAsync(actor, "Laptop", new PasskeyAnswer(creation.Challenge, credential, TestAuthenticator.Site))).Fault);
            Assert.NotNull((await Passkeys(portal).AddAsync(actor, "Laptop", new PasskeyAnswer(credential, credential, TestAuthenticator.Site))).Fault);
            Assert.Equal(
                ProofOutcome.WrongPasskey, (await Proofs(portal).ProveByPasskeyAsync(actor, new PasskeyAnswer(proof.Challenge, credential, TestAuthenticator.Site))).Outcome);
        }
    }

    [Fact]
    public async Task Add_ChallengeOfAnotherSessionUserOrPurposeOrTooOldOrUsed_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (here, elsewhere) = (await SignInAsync(portal), await SignInAsync(portal, "elsewhere"));
        var device = new TestAuthenticator();
        var request = await Passkeys(portal).BeginAsync(here, TestAuthenticator.Site);
        foreach (var other in new[] { elsewhere, portal.Viewer })
            Assert.Equal("You took too long. Try again.", (await Passkeys(portal).AddAsync(other, "Laptop", device.Create(request))).Fault);
        var proof = await Proofs(portal).BeginPasskeyAsync(here, TestAuthenticator.Site);
        Assert.NotNull((await Passkeys(portal).AddAsync(here, "Laptop", device.Create(request) with { Challenge = proof.Challenge })).Fault);

        portal.Clock.Advance(PasskeyChallenges.Lifetime);
        Assert.NotNull((await Passkeys(portal).AddAsync(here, "Laptop", device.Create(request))).Fault);

        var answer = device.Create(await Passkeys(portal).BeginAsync(here, TestAuthenticator.Site));
        Assert.Null((await Passkeys(portal).AddAsync(here, "Laptop", answer)).Fault);
        Assert.NotNull((await Passkeys(portal).AddAsync(here, "Laptop", answer)).Fault);
        Assert.Single(await Passkeys(portal).ListAsync(here));
    }

    [Fact]
    public async Task Add_SamePasskeyAgainOrMoreThanTwenty_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        var device = new TestAuthenticator();
        Assert.Null((await AddAsync(portal, actor, device)).Fault);
        Assert.Contains("excludeCredentials", (await Passkeys(portal).BeginAsync(actor, TestAuthenticator.Site)).Options, StringComparison.Ordinal);
        Assert.NotNull((await AddAsync(portal, actor, device)).Fault);
        Assert.NotNull((await AddAsync(portal, portal.Viewer, device)).Fault);
        for (var i = 1; i < PasskeyService.MostPasskeys; i++)
            Assert.Null((await AddAsync(portal, actor, new TestAuthenticator(), $"Key {i}")).Fault);
        Assert.Contains("maximum", (await AddAsync(portal, actor, new TestAuthenticator())).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_And_Rename_InvalidName_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        await AddAsync(portal, actor, new TestAuthenticator());
        var id = (await Passkeys(portal).ListAsync(actor))[0].Id;
        foreach (var name in new[] { "", "  ", "a\tb", new string('x', PasskeyService.LongestName + 1) })
        {
            Assert.NotNull((await AddAsync(portal, actor, new TestAuthenticator(), name)).Fault);
            Assert.NotNull(await Passkeys(portal).RenameAsync(actor, id, name));
        }
    }

    [Fact]
    public async Task Prove_WithAPasskey_AllowsSensitiveActionsInThisSession()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        var device = new TestAuthenticator();
        await AddAsync(portal, actor, device);
        portal.Clock.Advance(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<ProofNeededException>(() => Passkeys(portal).BeginAsync(actor, TestAuthenticator.Site));

        Assert.True(await Proofs(portal).OffersPasskeyAsync(actor, TestAuthenticator.Site));
        Assert.False(await Proofs(portal).OffersPasskeyAsync(portal.Viewer, TestAuthenticator.Site));
        Assert.Equal(ProofOutcome.Proved, await ProveAsync(portal, actor, device));
        await Passkeys(portal).BeginAsync(actor, TestAuthenticator.Site);
    }

    [Fact]
    public async Task Prove_ReplayedAlteredForeignOrRemovedPasskey_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        var (device, foreign) = (new TestAuthenticator(), new TestAuthenticator());
        await AddAsync(portal, actor, device);
        await AddAsync(portal, portal.Viewer, foreign);

        var answer = device.Use(await Proofs(portal).BeginPasskeyAsync(actor, TestAuthenticator.Site));
        Assert.Equal(ProofOutcome.Proved, (await Proofs(portal).ProveByPasskeyAsync(actor, answer)).Outcome);
        Assert.Equal(ProofOutcome.WrongPasskey, (await Proofs(portal).ProveByPasskeyAsync(actor, answer)).Outcome);
        Assert.Equal(ProofOutcome.WrongPasskey, (await Proofs(portal).ProveByPasskeyAsync(
            actor, device.Use(await Proofs(portal).BeginPasskeyAsync(actor, TestAuthenticator.Site), alter: true))).Outcome);
        Assert.Equal(ProofOutcome.WrongPasskey, await ProveAsync(portal, actor, foreign));
        device.Counter = 0;
        Assert.Equal(ProofOutcome.WrongPasskey, await ProveAsync(portal, actor, device));

        device.Counter = 10;
        Assert.Equal(ProofOutcome.Proved, await ProveAsync(portal, actor, device));
        await portal.ExecuteAsync("DELETE FROM UserPasskeys WHERE UserId = 'user-Administrator'");
        Assert.Equal(ProofOutcome.WrongPasskey, await ProveAsync(portal, actor, device));
        // These were five failures.
        Assert.Equal(ProofOutcome.TooManyAttempts, await ProveAsync(portal, actor, device));
    }

    [Fact]
    public async Task Remove_LastWayToSignIn_IsRefusedUntilThereIsAPassword()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await SignInAsync(portal);
        await AddAsync(portal, actor, new TestAuthenticator());
        var id = (await Passkeys(portal).ListAsync(actor))[0].Id;
        Assert.Contains("only way to sign in", await Passkeys(portal).RemoveAsync(actor, id), StringComparison.Ordinal);

        await portal.ExecuteAsync("UPDATE AspNetUsers SET PasswordHash = 'x' WHERE Id = 'user-Administrator'");
        Assert.Null(await Passkeys(portal).RenameAsync(actor, id, "Old laptop"));
        Assert.Null(await Passkeys(portal).RenameAsync(portal.Viewer, id, "Not mine"));
        Assert.Null(await Passkeys(portal).RemoveAsync(portal.Viewer, id));
        Assert.Equal("Old laptop", Assert.Single(await Passkeys(portal).ListAsync(actor)).Name);
        Assert.Null(await Passkeys(portal).RemoveAsync(actor, id));
        Assert.Null(await Passkeys(portal).RemoveAsync(actor, id));
        Assert.Null(await Passkeys(portal).RemoveAsync(actor, "not an ID!"));

        Assert.Empty(await Passkeys(portal).ListAsync(actor));
        Assert.Equal(new SecondFactorState(null, 0, HasPasskey: false), await portal.Services.GetRequiredService<SecondFactorService>().ReadAsync(actor));
        Assert.Equal(["user.passkey_added", "user.passkey_renamed", "user.passkey_removed"], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Theory]
    [InlineData("https://portal.example.com/", "", true)]
    [InlineData("http://localhost:5080/", "", true)]
    [InlineData("http://portal.example.com/", "", false)]
    [InlineData("https://192.0.2.1/", "", false)]
    [InlineData("https://[2001:db8::1]/", "", false)]
    [InlineData("https://portal.example.com/", "example.com", true)]
    [InlineData("https://portal.notexample.com/", "example.com", false)]
    public void Support_DependsOnTheAddress(string address, string domain, bool expected) =>
        Assert.Equal(expected, new PasskeyOptions { ServerDomain = domain }.Support(new PasskeySite(new Uri(address))));

    [Fact]
    public async Task Prove_WithAServerDomain_WorksUnderEachOfItsHosts()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Passkeys:ServerDomain"] = "example.com" });
        var actor = await SignInAsync(portal);
        var device = new TestAuthenticator { Domain = "example.com" };
        await AddAsync(portal, actor, device);
        var other = new PasskeySite(new Uri("https://admin.example.com/"));
        device.Origin = "https://admin.example.com";
        var request = await Proofs(portal).BeginPasskeyAsync(actor, other);
        Assert.Equal(ProofOutcome.Proved, (await Proofs(portal).ProveByPasskeyAsync(actor, device.Use(request) with { Site = other })).Outcome);
    }

    private static PasskeyService Passkeys(TestPortal portal) => portal.Services.GetRequiredService<PasskeyService>();

    private static ProofService Proofs(TestPortal portal) => portal.Services.GetRequiredService<ProofService>();

    private static async Task<PasskeyAddition> AddAsync(TestPortal portal, Actor actor, TestAuthenticator device, string name = "Laptop") =>
        await Passkeys(portal).AddAsync(actor, name, device.Create(await Passkeys(portal).BeginAsync(actor, TestAuthenticator.Site)));

    private static async Task<ProofOutcome> ProveAsync(TestPortal portal, Actor actor, TestAuthenticator device) =>
        (await Proofs(portal).ProveByPasskeyAsync(actor, device.Use(await Proofs(portal).BeginPasskeyAsync(actor, TestAuthenticator.Site)))).Outcome;

    private static async Task<Actor> SignInAsync(TestPortal portal, string session = "here")
    {
        await using var context = await portal.OpenAsync();
        context.UserSessions.Add(new UserSession
        {
            Id = session, UserId = portal.Administrator.Id, CreatedAt = portal.Now, LastSeenAt = portal.Now, ProvedAt = portal.Now, Browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return portal.Administrator with { SessionId = session };
    }
}
