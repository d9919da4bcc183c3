using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.SingleSignOn;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>What a signed-in person does with a provider: connect a provider, and prove who they are.</summary>
[Collection(ProviderTests.Name)]
public sealed class ProviderSessionTests(ProviderHost host)
{
    private SkewedClock Clock => host.Portal.Clock;
    private ProviderConnections Connections => host.Portal.Services.GetRequiredService<ProviderConnections>();

    [Fact]
    public async Task Connect_WithATicketOfTheSession_ConnectsTheProvider()
    {
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            var other = TestPerson.Create();
            host.Forged.Next = new Forgery { Person = other };
            await browser.OpenAsync(await Connections.BeginAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken) ?? "");
            Assert.Equal("/profile", browser.Address.AbsolutePath);
            Assert.Equal((await host.FindUserAsync(person.Subject))!.Id, (await host.FindUserAsync(other.Subject))!.Id);
            Assert.Single(await host.AuditAsync(person.Subject), entry => entry.Action == AuditAction.ProviderConnected);

            // A second account of the same provider.
            host.Forged.Next = new Forgery { Person = TestPerson.Create() };
            await browser.OpenAsync(await Connections.BeginAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken) ?? "");
            Assert.Equal("ConnectedAlready", browser.Problem);

            Assert.True(await Connections.DisconnectAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken));
            Assert.Null(await host.FindUserAsync(other.Subject));
            Assert.False(await Connections.DisconnectAsync(await host.ActorAsync(person), "real", TestContext.Current.CancellationToken));
            Assert.NotNull(await host.FindUserAsync(person.Subject));
        }
    }

    [Fact]
    public async Task Connect_AccountOfAnotherUser_IsRefused()
    {
        var taken = TestPerson.Create();
        host.Forged.Next = new Forgery { Person = taken };
        using (var other = host.Open())
            await other.OpenAsync("/signin/create/start");
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            await browser.OpenAsync(await Connections.BeginAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken) ?? "");
            Assert.Equal("ConnectedToAnother", browser.Problem);
        }
    }

    [Fact]
    public async Task Connect_WithoutAFreshTicketOfThisSession_IsRefused()
    {
        var (person, browser) = await host.ArriveAsync();
        var (_, another) = await host.ArriveAsync();
        using (browser)
        using (another)
        {
            host.Forged.Next = new Forgery { Person = TestPerson.Create() };
            await browser.OpenAsync("/signin/create/connect");
            Assert.Equal("Expired", browser.Problem);
            await browser.OpenAsync("/signin/create/connect?ticket=x");
            Assert.Equal("Expired", browser.Problem);
            var address = (await Connections.BeginAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken))!;
            await another.OpenAsync(address);
            Assert.Equal("Expired", another.Problem);
            await browser.OpenAsync(address.Replace("/create/", "/invited/", StringComparison.Ordinal));
            Assert.Equal("Expired", browser.Problem);
            Clock.Advance(TimeSpan.FromMinutes(2));
            await browser.OpenAsync(address);
            Assert.Equal("Expired", browser.Problem);
        }
    }

    [Fact]
    public async Task Prove_SignedInAgainAtTheProvider_AllowsSensitiveActions()
    {
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            var actor = await host.ActorAsync(person);
            Clock.Advance(TimeSpan.FromMinutes(11));
            await Assert.ThrowsAsync<ProofNeededException>(() => Connections.BeginAsync(actor, "create", TestContext.Current.CancellationToken));
            Assert.Equal("real", Assert.Single((await Connections.FindWaysAsync(actor, TestContext.Current.CancellationToken)).Providers).Name);
            var waiting = host.Portal.Services.GetRequiredService<ProviderProof>().WaitAsync(actor, TestContext.Current.CancellationToken);

            await browser.OpenAsync("/signin/real/prove");
            // The person is still signed in at the provider, but must do it again.
            Assert.Contains("Choose an account", browser.Page, StringComparison.Ordinal);
            Assert.False(waiting.IsCompleted);
            await browser.SubmitAsync($"value=\"{person.Subject}\"", ("person", person.Subject));
            Assert.Equal("/signin-confirmed", browser.Address.AbsolutePath);
            await waiting;
            Assert.NotNull(await Connections.BeginAsync(actor, "create", TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Prove_AsAnotherPerson_ProvesNothing()
    {
        var (person, browser) = await host.ArriveAsync();
        using (browser)
        {
            var another = host.Real.Add(TestPerson.Create());
            Clock.Advance(TimeSpan.FromMinutes(11));
            await browser.OpenAsync("/signin/real/prove");
            await browser.SubmitAsync($"value=\"{another.Subject}\"", ("person", another.Subject));
            Assert.Equal("AnotherPerson", browser.Problem);
            await Assert.ThrowsAsync<ProofNeededException>(async () => await Connections.BeginAsync(await host.ActorAsync(person), "create", TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prove_ProviderDoesNotAskAgain_ProvesNothing(bool isSilent)
    {
        var person = TestPerson.Create();
        host.Forged.Next = new Forgery { Person = person };
        using var browser = host.Open();
        await browser.OpenAsync("/signin/create/start");
        Clock.Advance(TimeSpan.FromMinutes(11));
        host.Forged.Next = new Forgery
        {
            Person = person,
            Token = token =>
            {
                if (isSilent)
                    token.Claims.Remove("auth_time");
                else
                    token.Claims["auth_time"] = Clock.GetUtcNow().AddMinutes(-11).ToUnixTimeSeconds();
            },
        };
        await browser.OpenAsync("/signin/create/prove");
        Assert.Equal("NotProved", browser.Problem);
    }

    [Fact]
    public async Task SecondFactorOfPortal_ProviderUsedNone_IsAskedFor()
    {
        var person = TestPerson.Create();
        host.Forged.Next = new Forgery { Person = person };
        using (var first = host.Open())
            await first.OpenAsync("/signin/code/start");
        var user = (await host.FindUserAsync(person.Subject))!;
        await using (var context = await host.Portal.ContextAsync())
        {
            context.UserSecondFactors.Add(new UserSecondFactor { UserId = user.Id, ProtectedKey = [1], ConfirmedAt = Clock.GetUtcNow().UtcDateTime });
            context.RecoveryCodes.Add(new RecoveryCode { UserId = user.Id, Hash = Portal.Accounts.SecondFactor.SecondFactorService.HashOf(user.Id, "abcdefghij") });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        using var browser = host.Open();
        await browser.OpenAsync("/signin/code/start?returnUrl=%2Fprofile");
        Assert.Equal("/login/code", browser.Address.AbsolutePath);
        await browser.SubmitAsync("Form.Code", ("Form.Code", "abcde-fghij"));
        Assert.Equal("/profile", browser.Address.AbsolutePath);
        host.Forged.Next = new Forgery { Person = person with { Methods = ["mfa"] } };
        using var another = host.Open();
        await another.OpenAsync("/signin/code/start");
        Assert.Equal("/tokens", another.Address.AbsolutePath);
        await using var stored = await host.Portal.ContextAsync();
        Assert.All(
            await stored.UserSessions.Where(session => session.UserId == user.Id).ToListAsync(TestContext.Current.CancellationToken),
            session => Assert.Equal(("code", person.Subject, $"sid-{person.Subject}"), (session.Provider, session.ProviderSubject, session.ProviderSessionId)));
    }
}
