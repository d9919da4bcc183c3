using Bunit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users.Screen;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Details;

namespace Portal.Tests.Accounts.Sessions;

/// <summary>Pages ask for the password when an action needs a recent proof, and then continue with the action.</summary>
public sealed class ProofPromptTests : PageTestContext
{
    private const string Password = "a long sentence to remember", Session = "here", Title = "Confirm that it's you";

    [Fact]
    public async Task View_ProofIsTooOld_ShowsTheKeyAfterThePassword()
    {
        var done = await Server.CreateAsync();
        await SignInLongAgoAsync();
        var page = Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, done.Handle));
        page.WaitForElement(".key-value");

        page.Button("View").Click();
        WaitForDialog(Title);
        Dialogs.Find("input[type=password]").Input("wrong");
        await Dialogs.Find("form").SubmitAsync();
        Dialogs.WaitForAssertion(() => Assert.Equal("This is not your current password.", Dialogs.Find(".field-fault").Words()));
        Assert.DoesNotContain(done.Key!.ToHeaderValue(), page.Markup, StringComparison.Ordinal);
        Dialogs.Find("input[type=password]").Input(Password);
        await Dialogs.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(done.Key!.ToHeaderValue(), page.Find(".key-value").TextContent));
    }

    [Fact]
    public async Task Cancel_InThePrompt_ChangesNothing()
    {
        await SignInLongAgoAsync();
        var page = Render<UsersPage>();
        page.WaitForElement("h1");
        await OpenMenuAsync(page, "An Viewer");
        Choose("Disable");
        WaitForDialog("Disable An Viewer?");
        Dialogs.Button("Disable").Click();
        Dialogs.WaitForAssertion(() => Assert.Equal(["Disable An Viewer?", Title], Dialogs.Texts("h2")));
        Dialogs.FindAll(".mud-dialog")[^1].QuerySelector("button")!.Click();
        // The question is still there, and can be answered again.
        Dialogs.WaitForAssertion(() => Assert.Equal(["Disable An Viewer?"], Dialogs.Texts("h2")));
        Assert.Empty(await Server.AuditAsync());
    }

    private async Task SignInLongAgoAsync()
    {
        await using (var context = await Server.OpenAsync())
        {
            var user = await context.Users.SingleAsync(user => user.Id == Server.Administrator.Id);
            user.PasswordHash = Server.Services.GetRequiredService<IPasswordHasher<PortalUser>>().HashPassword(user, Password);
            context.UserSessions.Add(new UserSession { Id = Session, UserId = user.Id, CreatedAt = Server.Now, LastSeenAt = Server.Now, ProvedAt = Server.Now.AddMinutes(-10) });
            await context.SaveChangesAsync();
        }

        SignIn(Role.Administrator, Session);
    }
}
