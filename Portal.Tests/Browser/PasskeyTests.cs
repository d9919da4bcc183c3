using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A person who must have a second factor adds a passkey, signs in with it, proves who they are with it, and removes it.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class PasskeyTests(BrowserEngine engine)
{
    [Fact]
    public async Task Passkey_UnderThePolicy_IsAddedUsedAndRemoved()
    {
        engine.SkipInFirefox("Only Chromium has virtual authenticators.");
        await using var portal = await PortalProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["SecondFactor__Required"] = "Always", ["SecondFactor__GraceDays"] = "0", ["Sessions__ProofMinutes"] = "10",
        });
        // Browsers accept no IP address for passkeys.
        var address = portal.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/";
        await using var ada = await Visitor.ArriveAsync(engine, portal, address: address);
        var device = await AddAuthenticatorAsync(ada.Page);
        await SetUpAsync(ada, portal);

        // The second factor is overdue at once, so only the profile opens.
        await Expect(ada.Page.GetByText("You need a second factor to use Portal.")).ToBeVisibleAsync();
        Assert.EndsWith("/profile", ada.Page.Url, StringComparison.Ordinal);
        await PagesTests.CheckAsync(ada, "second factor is overdue");
        await ada.Page.GotoAsync("tokens/export.csv");
        Assert.EndsWith("/profile", ada.Page.Url, StringComparison.Ordinal);
        // Earlier, the browser would load the other page itself.
        await ada.Page.Locator("html[data-ready]").WaitForAsync();
        await ada.Link("Tokens").ClickAsync();
        await Expect(ada.Heading("Your profile")).ToBeFocusedAsync();

        await AddPasskeyAsync(ada);
        await Expect(ada.Page.GetByText("You need a second factor to use Portal.")).ToHaveCountAsync(0);
        await ada.Link("Users").ClickAsync();
        await Expect(ada.Page.GetByText("1 passkey")).ToBeVisibleAsync();

        // Until the person answers, the page waits.
        await SetPresenceAsync(device, false);
        await SignOutAsync(ada);
        await PagesTests.CheckAsync(ada, "sign-in with a passkey");
        await SetPresenceAsync(device, true);
        await ada.ClickAsync("Sign in with a passkey");
        await ada.Heading("Tokens").WaitForAsync();

        await ProveAsync(ada, portal);
        await ChooseAsync(ada, "Work laptop", "Remove");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(ada.Page.GetByText("Portal requires a second factor.")).ToBeVisibleAsync();

        await SetPresenceAsync(device, false);
        await SignOutAsync(ada);
        await ada.Page.GetByLabel("Email").FillAsync(Visitor.Email);
        await ada.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await ada.ClickAsync("Sign in");
        await ada.Heading("Enter your code").WaitForAsync();
        await PagesTests.CheckAsync(ada, "code or passkey");
        // Earlier, the form would offer the passkey by itself, and the device would answer.
        await SetPresenceAsync(device, true);
        await ada.ClickAsync("Use a passkey");
        await ada.Heading("Tokens").WaitForAsync();
        ada.AssertNoBrowserErrors();
    }

    private static async Task AddPasskeyAsync(Visitor ada)
    {
        await ada.ClickAsync("Add passkey");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Laptop");
        await PagesTests.CheckAsync(ada, "add a passkey");
        await ada.ClickAsync("Create passkey");
        await Expect(ada.Page.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        await ada.ClickAsync("Done");
        await Expect(ada.Page.GetByText("On one device")).ToBeVisibleAsync();
        // The same device again.
        await ada.ClickAsync("Add passkey");
        await ada.ClickAsync("Create passkey");
        await Expect(ada.Page.GetByText("This device already has a passkey for your user.")).ToBeVisibleAsync();
        await ada.ClickAsync("Cancel");
    }

    /// <summary>Lets the last proof be too old.</summary>
    private static async Task ProveAsync(Visitor ada, PortalProcess portal)
    {
        await ada.Page.GotoAsync("profile");
        await ada.Button("Actions for Laptop").WaitForAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(portal.DataDirectory, "portal.db")};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE UserSessions SET ProvedAt = '2020-01-01 00:00:00'";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // Portal reads the user again after a change.
        await ada.Page.GetByLabel("Name").FillAsync("Ada King");
        await ada.ClickAsync("Save name");
        await Expect(ada.Page.Locator(".user-name")).ToHaveTextAsync("Ada King");
        await ChooseAsync(ada, "Laptop", "Rename");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Work laptop");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await ChooseAsync(ada, "Work laptop", "Remove");
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await ada.Heading("Confirm that it's you").WaitForAsync();
        await PagesTests.CheckAsync(ada, "proof by a passkey");
        await ada.ClickAsync("Use a passkey");
        await Expect(ada.Heading("Confirm that it's you")).ToHaveCountAsync(0);
    }

    private static async Task ChooseAsync(Visitor ada, string passkey, string action)
    {
        await ada.ClickAsync($"Actions for {passkey}");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = action }).ClickAsync();
    }

    private static async Task SetUpAsync(Visitor ada, PortalProcess portal)
    {
        await ada.Page.GotoAsync("./");
        await ada.Page.GetByLabel("Setup code").FillAsync(portal.SetupCode);
        await ada.Page.GetByLabel("Name").FillAsync("Ada Reyes");
        await ada.Page.GetByLabel("Email").FillAsync(Visitor.Email);
        await ada.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await ada.ClickAsync("Create administrator");
        await ada.Heading("Your profile").WaitForAsync();
    }

    private static async Task SignOutAsync(Visitor ada)
    {
        await ada.Page.EvaluateAsync("() => document.querySelector('form[action*=logout]').submit()");
        await Expect(ada.Page.GetByText("You are signed out.")).ToBeVisibleAsync();
        await Expect(ada.Button("Sign in with a passkey")).ToBeVisibleAsync();
    }

    /// <summary>Adds the fingerprint reader of a laptop.</summary>
    private static async Task<(ICDPSession Session, string Id)> AddAuthenticatorAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return (session, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Whether the person answers as soon as the browser asks.</summary>
    private static Task<JsonElement?> SetPresenceAsync((ICDPSession Session, string Id) device, bool enabled) => device.Session.SendAsync(
        "WebAuthn.setAutomaticPresenceSimulation", new Dictionary<string, object> { ["authenticatorId"] = device.Id, ["enabled"] = enabled });
}
