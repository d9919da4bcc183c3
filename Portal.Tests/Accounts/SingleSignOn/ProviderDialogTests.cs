using Bunit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.SingleSignOn.Screen;
using Portal.Accounts.Users.Screen;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>The pages of a person who signs in with a provider only.</summary>
public sealed class ProviderDialogTests : PageTestContext
{
    private const string Session = "here", Title = "Confirm that it's you";

    private protected override Dictionary<string, string?> Settings => new()
    {
        ["SignIn:Providers:test:Authority"] = "http://127.0.0.1:1", ["SignIn:Providers:test:ClientId"] = "portal", ["SignIn:Providers:test:ClientSecret"] = "secret",
        ["SignIn:Providers:test:DisplayName"] = "Example Login", ["SignIn:Providers:test:RequireAuthTime"] = "false",
    };

    private Actor Actor => Server.Administrator with { SessionId = Session };

    [Fact]
    public async Task Proof_SignedInAgainInAnotherTab_ContinuesWithTheAction()
    {
        await SignInLongAgoAsync(isConnected: true);
        var page = Render<UsersPage>();
        page.WaitForElement("h1");
        await OpenMenuAsync(page, "An Viewer");
        Choose("Disable");
        WaitForDialog("Disable An Viewer?");
        Dialogs.Button("Disable").Click();
        Dialogs.WaitForAssertion(() => Assert.Equal(["Disable An Viewer?", Title], Dialogs.Texts("h2")));
        Assert.Empty(Dialogs.FindAll("input[type=password]"));
        var link = Dialogs.Find(".provider-buttons a");
        Assert.Equal(("signin/test/prove", "_blank", "Confirm with Example Login"), (link.GetAttribute("href"), link.GetAttribute("target"), link.Words()));

        var provider = Server.Services.GetRequiredService<SignInProviders>().All.Single();
        Assert.Null(await Server.Services.GetRequiredService<ProviderProof>().ProveAsync(
            Actor, new ProviderIdentity { Provider = provider, Subject = "subject" }, Server.Now));

        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")));
        Assert.Contains(await Server.AuditAsync(), entry => entry.Action == "user.disabled");
    }

    [Fact]
    public async Task Proof_PersonHasNoWay_SaysSo()
    {
        await SignInLongAgoAsync(isConnected: false);
        var page = Render<UsersPage>();
        page.WaitForElement("h1");
        await OpenMenuAsync(page, "An Viewer");
        Choose("Disable");
        WaitForDialog("Disable An Viewer?");
        Dialogs.Button("Disable").Click();
        Dialogs.WaitForAssertion(() => Assert.Contains("You signed in with a one-time link", Dialogs.Markup, StringComparison.Ordinal));
        Assert.Empty(Dialogs.FindAll("input[type=password], .provider-buttons"));
    }

    [Fact]
    public async Task Profile_OnlyWayToSignIn_CanNotBeDisconnected()
    {
        await SignInLongAgoAsync(isConnected: true);
        var card = Render<ProvidersCard>(parameters => parameters.Add(it => it.Actor, Actor));
        card.WaitForElement("h2");
        Assert.Contains("You can't disconnect the only way", card.Markup, StringComparison.Ordinal);
        Assert.False(card.HasButton("Disconnect Example Login"));
    }

    private async Task SignInLongAgoAsync(bool isConnected)
    {
        await using (var context = await Server.OpenAsync())
        {
            var user = await context.Users.SingleAsync(user => user.Id == Server.Administrator.Id);
            user.PasswordHash = null;
            context.UserSessions.Add(new UserSession { Id = Session, UserId = user.Id, CreatedAt = Server.Now, LastSeenAt = Server.Now, ProvedAt = Server.Now.AddMinutes(-10) });
            if (isConnected)
                context.UserLogins.Add(new IdentityUserLogin<string> { LoginProvider = "test", ProviderKey = "subject", UserId = user.Id });
            await context.SaveChangesAsync();
        }

        SignIn(Role.Administrator, Session);
    }
}
