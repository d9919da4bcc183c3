using Bunit;
using Portal.Access;
using Portal.Accounts.Passkeys.Screen;
using Portal.Accounts.SecondFactor.Screen;
using Portal.Components.Shared;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Passkeys;

/// <summary>What the profile says if a browser can't create a passkey, and the notice of the policy.</summary>
public sealed class PasskeyCardTests : PageTestContext
{
    private const string Faults = ".mud-dialog [role=alert]";

    private protected override Dictionary<string, string?>? Settings => new() { ["SecondFactor:Required"] = "Always" };

    [Fact]
    public async Task Add_BrowserHasNoPasskey_SaysWhyUnlessThePersonCanceled()
    {
        SignIn(Role.Administrator);
        var card = Render<PasskeyCard>(parameters => parameters.Add(it => it.Actor, Server.Administrator));
        card.WaitForElement("button");
        card.Button("Add passkey").Click();
        WaitForDialog("Add passkey");
        var browser = JSInterop.Setup<PasskeyReply>("portal.createPasskey", _ => true);
        foreach (var (reply, message) in new (PasskeyReply, string?)[]
        {
            (new(null, "unsupported"), "This browser doesn't support passkeys. Use a current version of Chrome, Edge, Firefox or Safari."),
            (new(null, "exists"), "This device already has a passkey for your user. Choose another device."),
            (new(null, "failed"), "Portal couldn't verify the new passkey. Try again, or use another device or browser."),
            (new("{}", null), "Portal couldn't verify the new passkey. Try again, or use another device or browser."),
            (new(null, "cancelled"), null),
        })
        {
            browser.SetResult(reply);
            await Dialogs.Find("form").SubmitAsync();
            Dialogs.WaitForAssertion(() => Assert.Equal(message is null ? [] : [message], Dialogs.Texts(Faults)));
        }
    }

    [Fact]
    public async Task Add_ChosenNameIsMissing_IsAskedFor()
    {
        SignIn(Role.Administrator);
        var card = Render<PasskeyCard>(parameters => parameters.Add(it => it.Actor, Server.Administrator));
        card.WaitForElement("button");
        card.Button("Add passkey").Click();
        WaitForDialog("Add passkey");
        Dialogs.Find("input").Input(" ");
        await Dialogs.Find("form").SubmitAsync();
        Dialogs.WaitForAssertion(() => Assert.Equal("Enter a name.", Dialogs.Find(".field-fault").Words()));
        Assert.Empty(Asked("portal.createPasskey"));
    }

    [Fact]
    public async Task Notice_WhenTheTimeIsOver_LeadsToTheProfile()
    {
        await Server.ExecuteAsync($"UPDATE AspNetUsers SET SecondFactorDueAt = '{Server.Now.AddDays(1):yyyy-MM-dd HH:mm:ss}'");
        SignIn(Role.Viewer);
        Navigation.NavigateTo("tokens");
        var notice = Render<SecondFactorNotice>(parameters => parameters.AddChildContent("<h1>Tokens</h1>"));
        notice.WaitForElement("h1");
        Assert.StartsWith("Set up a second factor by", notice.Find(".note span").Words(), StringComparison.Ordinal);

        Server.Clock.Advance(TimeSpan.FromDays(1));

        await UntilAsync(() => Address == "/profile");
        notice.WaitForAssertion(() => Assert.StartsWith("You need a second factor", notice.Find(".note span").Words(), StringComparison.Ordinal));
    }
}
