using Microsoft.Playwright;
using OtpNet;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>An administrator invites a person, changes their role and resets their password; the person sees it in their own browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class UsersTests(BrowserEngine engine, SharedPortal shared)
{
    private const string Email = "ben@example.com", Password = "three green bicycles", NewPassword = "seven quiet mountains";

    [Fact]
    public async Task Person_IsInvitedJoinsAndLosesTheSessionWithTheRole()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Link("Users").ClickAsync();
        await ada.ClickAsync("Invite user");
        await ada.Page.GetByLabel("Email").FillAsync(Email);
        await ada.Page.GetByLabel("Operator").CheckAsync();
        await PagesTests.CheckAsync(ada, "invitation");
        await ada.ClickAsync("Create invitation link");
        var link = await ada.ReadLinkAsync();
        await PagesTests.CheckAsync(ada, "invitation link");
        await ada.ClickAsync("Done");
        await Expect(Row(ada, Email)).ToContainTextAsync("Operator");
        await PagesTests.CheckAsync(ada, "users");

        await using var ben = await Visitor.ArriveAsync(engine, shared.Process);
        await ben.Page.GotoAsync(link);
        await Expect(ben.Page.GetByLabel("Email")).ToHaveValueAsync(Email);
        // The code has left the address.
        Assert.Equal(link[..link.IndexOf('#', StringComparison.Ordinal)], ben.Page.Url);
        await ben.Page.GetByLabel("Name").FillAsync("Ben Okafor");
        await ben.Page.GetByLabel("Password").FillAsync("password12");
        await ben.ClickAsync("Join");
        await Expect(ben.Page.GetByText("This password is easy to guess.")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ben, "join with a fault");
        await ben.Page.GetByLabel("Password").FillAsync(Password);
        await ben.ClickAsync("Join");
        await ben.Heading("Tokens").WaitForAsync();
        await Expect(ben.Link("Users")).ToHaveCountAsync(0);
        // Later, the end of the session may interrupt a request.
        ben.AssertNoBrowserErrors();

        await ChooseAsync(ada, "Change role");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByLabel("Viewer").CheckAsync();
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Change role" }).ClickAsync();
        await Expect(ben.Page.GetByText("Your session has ended")).ToBeVisibleAsync();

        await ChooseAsync(ada, "Reset password");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Reset password" }).ClickAsync();
        link = await ada.ReadLinkAsync();
        await ada.ClickAsync("Done");
        await ben.Page.GotoAsync(link);
        await Expect(ben.Page.GetByLabel("Email")).ToHaveValueAsync(Email);
        await PagesTests.CheckAsync(ben, "new password");
        await ben.Page.GetByLabel("Password").FillAsync(NewPassword);
        await ben.ClickAsync("Set password and sign in");
        await ben.Heading("Tokens").WaitForAsync();
        await Expect(ben.Link("Create token")).ToHaveCountAsync(0);

        await ben.Page.GotoAsync(link);
        await Expect(ben.Page.GetByText("This link doesn't work.")).ToBeVisibleAsync();
        await ChoosePreferencesAsync(ben);
        await SetUpSecondFactorAsync(ben);
        // The sign-in applied them again.
        await Expect(ben.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(ben.Page.Locator("html")).ToHaveAttributeAsync("data-time-zone", "America/New_York");
        ada.AssertNoBrowserErrors();
    }

    /// <summary>Selects a theme and a time zone. Later, the user signs in without the cookies of this browser.</summary>
    private static async Task ChoosePreferencesAsync(Visitor ben)
    {
        await ben.Page.GotoAsync("profile");
        await ben.Page.GetByLabel("Theme").Last.SelectOptionAsync("dark");
        await ben.Page.GetByLabel("Time zone").SelectOptionAsync("America/New_York");
        await ben.ClickAsync("Save display settings");
        await Expect(ben.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await ben.Heading("Your profile").WaitForAsync();
        await Expect(ben.Page.Locator("local-time:not([format=relative])").First).ToContainTextAsync("E"); // EST or EDT
        // Winter, summer, and around the changes of the clock: skipped and repeated times.
        var times = await ben.Page.EvaluateAsync<string?[]>(
            "() => ['2027-01-01T00:00', '2027-07-01T12:30', '2027-03-14T01:59', '2027-03-14T02:30', '2027-03-14T03:00', '2027-11-07T01:30', '', 'x'].map(time => portal.toUtc(time))");
        Assert.Equal(
            ["2027-01-01T05:00:00.000Z", "2027-07-01T16:30:00.000Z", "2027-03-14T06:59:00.000Z", "2027-03-14T07:30:00.000Z", "2027-03-14T07:00:00.000Z", "2027-11-07T05:30:00.000Z", null, null],
            times);
        await ben.Page.Context.ClearCookiesAsync(new() { NameRegex = new System.Text.RegularExpressions.Regex("portal-(theme|time-zone)") });
    }

    /// <summary>Sets up the authenticator app, signs out, and signs in with a recovery code: the code of the app was used up by the setup.</summary>
    private static async Task SetUpSecondFactorAsync(Visitor ben)
    {
        await ben.Page.GotoAsync("profile");
        await ben.ClickAsync("Set up authenticator app");
        var dialog = ben.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".qr-code svg")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ben, "second factor");
        var key = (await dialog.Locator(".hint code").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await dialog.GetByLabel("Code", new() { Exact = true }).FillAsync("000000");
        await ben.ClickAsync("Turn on");
        await Expect(dialog.GetByText("This code is wrong")).ToBeVisibleAsync();
        await dialog.GetByLabel("Code", new() { Exact = true }).FillAsync(new Totp(Base32Encoding.ToBytes(key)).ComputeTotp());
        await ben.ClickAsync("Turn on");
        await Expect(dialog.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        await PagesTests.CheckAsync(ben, "recovery codes");
        var code = await dialog.Locator(".recovery-codes li").First.InnerTextAsync();
        await ben.ClickAsync("Done");
        await Expect(ben.Page.GetByText("10 recovery codes are left.")).ToBeVisibleAsync();

        await ben.Page.EvaluateAsync("() => document.querySelector('form[action*=logout]').submit()");
        await Expect(ben.Page.GetByText("You are signed out.")).ToBeVisibleAsync();
        await ben.Page.GetByLabel("Email").FillAsync(Email);
        await ben.Page.GetByLabel("Password").FillAsync(NewPassword);
        await ben.ClickAsync("Sign in");
        await ben.Heading("Enter your code").WaitForAsync();
        await PagesTests.CheckAsync(ben, "code");
        await ben.Page.GetByLabel("Code").FillAsync(code);
        await ben.ClickAsync("Sign in");
        await ben.Heading("Tokens").WaitForAsync();
    }

    [Fact]
    public async Task Profile_OtherSessionIsEnded_ClosesItsPages()
    {
        await using var here = await shared.ArriveAsync(engine, narrow: true);
        await using var elsewhere = await Visitor.ArriveAsync(engine, shared.Process);
        await elsewhere.SignInAsync();
        await here.Page.GotoAsync("profile");
        await here.Heading("Your profile").WaitForAsync();
        await PagesTests.CheckAsync(here, "profile");
        await here.ClickAsync("End all other sessions");
        await Expect(elsewhere.Page.GetByText("Your session has ended")).ToBeVisibleAsync();
        await Expect(here.Page.GetByText("This session")).ToBeVisibleAsync();
        here.AssertNoBrowserErrors();
    }

    private static async Task ChooseAsync(Visitor ada, string action)
    {
        await ada.ClickAsync("Actions for Ben Okafor");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = action }).ClickAsync();
    }

    private static ILocator Row(Visitor visitor, string text) => visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });
}
