using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>Who may sign in with a provider, as which user, and with which role.</summary>
[Collection(ProviderTests.Name)]
public sealed class ProviderSignInTests(ProviderHost host)
{
    [Fact]
    public async Task Real_FirstSignInAndSignOut_CreatesAUserAndSignsOutAtTheProvider()
    {
        var person = host.Real.Add(TestPerson.Create() with { Groups = ["operators"] });
        using var browser = host.Open();
        await browser.OpenAsync("/login?returnUrl=/profile");
        Assert.Contains("Continue with Example Login", browser.Page, StringComparison.Ordinal);
        await browser.SignInAsync(person, "/signin/real/start?returnUrl=%2Fprofile");

        Assert.Equal("/profile", browser.Address.AbsolutePath);
        var user = (await host.FindUserAsync(person.Subject))!;
        Assert.Equal((person.Email, person.Name, null), (user.Email, user.DisplayName, user.PasswordHash));
        Assert.Equal("Operator", await host.RoleOfAsync(person.Subject));
        var session = Assert.Single(await host.SessionsAsync(user));
        Assert.Equal(("real", person.Subject), (session.Provider, session.ProviderSubject));
        Assert.NotNull(session.ProviderSessionId);
        var entries = await host.AuditAsync(person.Subject);
        Assert.Contains(entries, entry => entry.Action == AuditAction.UserCreated && entry.Details!.Contains("\"provider\":\"real\"", StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.Action == AuditAction.UserSignedIn && entry.Details!.Contains("\"provider\":\"real\"", StringComparison.Ordinal));

        await browser.SubmitAsync("action=\"logout\"");
        Assert.Contains("You are signed out of Portal.", browser.Page, StringComparison.Ordinal);
        var address = System.Net.WebUtility.HtmlDecode(browser.Page.Split("url=")[1].Split('"')[0]);
        Assert.StartsWith(host.Real.Address + "end-session?", address, StringComparison.Ordinal);
        await browser.OpenAsync(address);
        Assert.Equal("/login?session=signed-out", browser.Address.PathAndQuery);
        Assert.Contains("id_token_hint=", Assert.Single(host.Real.SignOuts, query => query.Contains("real", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Empty(await host.SessionsAsync(user));

        // The provider has forgotten the person, too.
        await browser.OpenAsync("/signin/real/start");
        Assert.Contains("Choose an account", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_PersonCancels_IsExplained()
    {
        using var browser = host.Open();
        await browser.OpenAsync("/signin/real/start");
        await browser.SubmitAsync("value=\"nobody\"", ("person", "nobody"));
        Assert.Equal("Canceled", browser.Problem);
    }

    [Fact]
    public async Task SameEmail_AnotherSubject_NeverJoinsTheUser()
    {
        var first = TestPerson.Create();
        Assert.Null(await host.ForgeAsync("create", first));
        Assert.Equal("EmailTaken", await host.ForgeAsync("create", TestPerson.Create() with { Email = first.Email!.ToUpperInvariant() }));
        Assert.Equal("EmailTaken", await host.ForgeAsync("invited", TestPerson.Create() with { Email = first.Email }));
        // Nobody learns from an address that isn't theirs whether it has a user.
        Assert.Equal("UnverifiedEmail", await host.ForgeAsync("create", TestPerson.Create() with { Email = first.Email, EmailVerified = false }));
        Assert.Equal("NotInvited", await host.ForgeAsync("invited", TestPerson.Create() with { Email = first.Email, EmailVerified = null }));
        // The same ID at another provider is another person.
        Assert.Equal("EmailTaken", await host.ForgeAsync("scim", first));
    }

    [Fact]
    public async Task SameSubject_AnotherEmail_IsTheSameUser()
    {
        var person = TestPerson.Create();
        Assert.Null(await host.ForgeAsync("create", person));
        Assert.Null(await host.ForgeAsync("create", person with { Email = null }));
        Assert.Equal(person.Email, (await host.FindUserAsync(person.Subject))!.Email);
    }

    [Theory]
    [InlineData("create", null, true, "NoEmail")]
    [InlineData("create", "not an address", true, "NoEmail")]
    [InlineData("create", "x@example.com", null, "UnverifiedEmail")]
    [InlineData("domain", "x@example.com", true, "NotAllowed")]
    [InlineData("domain", "x@sub.example.org", true, "NotAllowed")]
    [InlineData("domain", "x@example.org", false, "NotAllowed")]
    [InlineData("domain", null, true, "NotAllowed")]
    [InlineData("group", "x@example.com", true, "NotAllowed")]
    [InlineData("mfa", "x@example.com", true, "NoMultiFactor")]
    [InlineData("invited", "x@example.com", true, "NotInvited")]
    public async Task NewPerson_WhoMayNotEnter_IsRefused(string provider, string? email, bool? isVerified, string problem)
    {
        var person = TestPerson.Create() with { Email = email?.Replace("x@", $"{Guid.CreateVersion7():N}@", StringComparison.Ordinal), EmailVerified = isVerified };
        Assert.Equal(problem, await host.ForgeAsync(provider, person));
        Assert.Null(await host.FindUserAsync(person.Subject));
        Assert.Contains($"Portal refused them: {problem}, ID ", host.Portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewPerson_WhoMayEnter_IsSignedIn()
    {
        Assert.Null(await host.ForgeAsync("domain", TestPerson.Create() with { Email = $"{Guid.CreateVersion7():N}@Example.ORG" }));
        Assert.Null(await host.ForgeAsync("group", TestPerson.Create() with { Groups = ["portal"] }));
        Assert.Null(await host.ForgeAsync("mfa", TestPerson.Create() with { Methods = ["pwd", "mfa"] }));
    }

    [Fact]
    public async Task NewPerson_SecondFactorByItsContextClass_IsSignedInAndAskedFor()
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create(), Token = token => token.Claims["acr"] = "gold" };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/mfa/start");
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        Assert.Contains(browser.Visited, address => address.Query.Contains("acr_values=gold", StringComparison.Ordinal));
    }

    /// <summary>Entra ID sends a reference instead of more than 200 groups.</summary>
    [Fact]
    public async Task KnownPerson_WithMoreGroupsThanATokenHolds_IsRefusedAndKeepsTheirSessions()
    {
        var person = TestPerson.Create() with { Groups = ["portal"] };
        Assert.Null(await host.ForgeAsync("group", person));
        host.Forged.Next = new Forgery
        {
            Person = person,
            Token = token =>
            {
                token.Claims.Remove("groups");
                token.Claims["_claim_names"] = new Dictionary<string, object> { ["groups"] = "src1" };
            },
        };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/group/start");
        Assert.Equal("TooManyGroups", browser.Problem);
        Assert.Single(await host.SessionsAsync((await host.FindUserAsync(person.Subject))!));
    }

    [Fact]
    public async Task KnownPerson_WhoLeavesTheGroup_IsRefusedAndLosesTheirSessions()
    {
        var person = TestPerson.Create() with { Groups = ["portal"] };
        Assert.Null(await host.ForgeAsync("group", person));
        Assert.Equal("NotAllowed", await host.ForgeAsync("group", person with { Groups = [] }));
        Assert.Empty(await host.SessionsAsync((await host.FindUserAsync(person.Subject))!));
    }

    [Fact]
    public async Task KnownPerson_WhoIsDisabled_IsRefused()
    {
        var person = TestPerson.Create();
        Assert.Null(await host.ForgeAsync("create", person));
        await host.DisableAsync((await host.FindUserAsync(person.Subject))!.Id, true);
        Assert.Equal("LockedOut", await host.ForgeAsync("create", person));
    }

    [Fact]
    public async Task Invitation_ContinuedWithAProvider_CreatesTheInvitedUser()
    {
        var email = $"{Guid.CreateVersion7():N}@example.com";
        var code = await InviteAsync(email, Role.Operator);
        var person = TestPerson.Create() with { Email = null };
        host.Forged.Next = new Forgery { Person = person };
        using var browser = host.Open();
        await browser.OpenAsync("/join");
        await browser.SubmitAsync("data-link-code", ("Entered.Code", code));
        Assert.Contains("Continue with Forged invited", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/signin/invited/join");

        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        Assert.Equal(email, (await host.FindUserAsync(person.Subject))!.Email);
        Assert.Equal("Operator", await host.RoleOfAsync(person.Subject));
        // No address contains the code, and it works once.
        Assert.Empty(browser.SignInCookies);
        Assert.DoesNotContain(browser.Visited, address => address.ToString().Contains(code, StringComparison.Ordinal));
        using var thief = host.Open();
        await thief.OpenAsync("/join");
        await thief.SubmitAsync("data-link-code", ("Entered.Code", code));
        Assert.Contains("This link doesn", thief.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_NotOpenedInThisBrowser_IsRefused()
    {
        host.Forged.Next = new Forgery { Person = TestPerson.Create() };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/invited/join");
        Assert.Equal("InvitationEnded", browser.Problem);
    }

    [Fact]
    public async Task Provisioned_UserOfScim_IsFoundByTheExternalIdAlone()
    {
        var person = TestPerson.Create();
        await ProvisionAsync(person, role: "Viewer");

        Assert.Equal("EmailTaken", await host.ForgeAsync("create", person));
        Assert.Equal("EmailTaken", await host.ForgeAsync("scim", TestPerson.Create() with { Email = person.Email }));
        Assert.Null(await host.ForgeAsync("scim", person));
        Assert.Equal("Provisioned", (await host.FindUserAsync(person.Subject))!.DisplayName);
    }

    /// <summary>A directory may create users before it gives them a role.</summary>
    [Fact]
    public async Task Provisioned_UserWithoutARole_GetsItFromTheGroupsAtTheSignIn()
    {
        var person = TestPerson.Create();
        await ProvisionAsync(person, role: null);
        Assert.Equal("NoRole", await host.ForgeAsync("scim", person));
        Assert.Equal("NoRole", await host.ForgeAsync("directory", person));
        Assert.Null(await host.ForgeAsync("directory", person with { Groups = ["operators"] }));
        Assert.Equal("Operator", await host.RoleOfAsync(person.Subject));
        await host.DisableAsync((await host.FindUserAsync(person.Subject))!.Id, true);
        Assert.Equal("LockedOut", await host.ForgeAsync("directory", person with { Groups = ["operators"] }));
    }

    private async Task ProvisionAsync(TestPerson person, string? role)
    {
        await using var context = await host.Portal.ContextAsync();
        var user = new PortalUser
        {
            AccountId = host.Portal.Administrator.AccountId, DisplayName = "Provisioned", UserName = person.Email, NormalizedUserName = person.Email!.ToUpperInvariant(), Email = person.Email,
            NormalizedEmail = person.Email!.ToUpperInvariant(), SecurityStamp = "x", LockoutEnabled = true, LockoutEnd = role is null ? UserAccess.UntilRole : null,
        };
        context.Users.Add(user);
        if (role is not null)
            context.UserRoles.Add(new IdentityUserRole<string> { UserId = user.Id, RoleId = role });
        context.ScimUsers.Add(new ScimUser { UserId = user.Id, ExternalId = person.Subject, CreatedAt = host.Portal.Clock.GetUtcNow().UtcDateTime });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> InviteAsync(string email, Role role) => Assert.IsType<UserOutcome.Done>(
        await host.Portal.Services.GetRequiredService<InvitationService>().InviteAsync(host.Portal.Administrator, email, role, TestContext.Current.CancellationToken)).Link!.Code;
}
