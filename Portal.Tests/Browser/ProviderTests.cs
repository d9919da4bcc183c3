using Portal.Tests.Accounts.SingleSignOn;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A person connects an identity provider, signs in with it, and is signed out by it.</summary>
[Collection(BrowserTests.Name)]
public sealed class ProviderTests(BrowserEngine engine)
{
    private const string Continue = "Continue with Example Login";

    [Fact]
    public async Task Person_ConnectsAProviderSignsInAndOut()
    {
        await using var provider = await TestProvider.StartAsync();
        var account = provider.Add(new TestPerson("ada-of-the-provider"));
        await using var portal = await PortalProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["SignIn__Providers__test__DisplayName"] = "Example Login", ["SignIn__Providers__test__Authority"] = provider.Address,
            ["SignIn__Providers__test__ClientId"] = TestProvider.ClientId, ["SignIn__Providers__test__ClientSecret"] = TestProvider.ClientSecret,
        });
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        await ada.Page.GotoAsync("profile");
        await ada.ClickAsync("Connect Example Login");
        await ada.ClickAsync(account.Subject);
        await Expect(ada.Page.GetByText("Connected", new() { Exact = true })).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ada, "connected provider");

        // The session began with a password, so only Portal signs out.
        await SignOutAsync(ada);
        await Expect(ada.Page.GetByText("You are signed out.")).ToBeVisibleAsync();
        Assert.Empty(provider.SignOuts);
        await PagesTests.CheckAsync(ada, "sign-in with a provider");

        // The provider still knows who it is.
        await ada.Link(Continue).ClickAsync();
        await ada.Heading("Tokens").WaitForAsync();
        await SignOutAsync(ada);
        await Expect(ada.Page.GetByText("You are signed out.")).ToBeVisibleAsync();
        Assert.Single(provider.SignOuts);

        await ada.Link(Continue).ClickAsync();
        await ada.ClickAsync("nobody");
        await Expect(ada.Heading("Sign-in didn't work")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ada, "refused sign-in");
        await ada.Link("Back to sign-in").ClickAsync();
        await ada.Link(Continue).ClickAsync();
        await ada.ClickAsync(account.Subject);
        await ada.Heading("Tokens").WaitForAsync();
        ada.AssertNoBrowserErrors(provider.Address);

        // The person signs out elsewhere, and the provider tells Portal.
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        using var token = new FormUrlEncodedContent([new("logout_token", provider.CreateLogoutToken(account.Subject))]);
        using var response = await client.PostAsync("signin/test/logout", token, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        await Expect(ada.Page.GetByText("Your session has ended")).ToBeVisibleAsync(new() { Timeout = 5_000 });
    }

    private static async Task SignOutAsync(Visitor person)
    {
        await person.Page.Locator(".user-button").ClickAsync();
        await person.ClickAsync("Sign out");
    }
}
