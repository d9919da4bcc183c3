using Bunit;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

/// <summary>A key that is shown and copied, in each of its forms.</summary>
public sealed class KeyCopyButtonTests : PageTestContext
{
    [Theory]
    [InlineData("Header value", "ApiKey {0}:{1}", 1)]
    [InlineData("Key only", "{0}:{1}", 1)]
    [InlineData("curl command", "curl -H ApiKey {0}:{1}", 1)]
    [InlineData(".env line", "PORTAL_API_KEY={0}:{1}", 1)]
    [InlineData("Handle", "{0}", 0)]
    public async Task Choose_EachForm_CopiesItAndSaysWhat(string item, string expected, int audited)
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var (panel, key) = await OpenAsync();
        await panel.Button("Other formats").ClickAsync();

        Choose(item);

        panel.WaitForAssertion(() => Assert.Equal($"Copied: {item}", panel.Find(".copy-told").TextContent));
        var secret = key.ToHeaderValue()[^ApiKey.SecretLength..];
        Assert.Equal(string.Format(null, expected, key.Handle, secret), (string)Assert.Single(Asked("portal.copy")).Arguments[0]!);
        Assert.DoesNotContain(secret, panel.Markup, StringComparison.Ordinal);
        Assert.Equal(audited, (await Server.AuditAsync()).Count(entry => entry.Action == AuditAction.KeyCopied));
    }

    [Fact]
    public async Task Choose_ClipboardIsBlocked_SaysSoAndNotThatItWasCopied()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(false);
        var (panel, _) = await OpenAsync();
        await panel.Button("Other formats").ClickAsync();

        Choose("Key only");

        panel.WaitForAssertion(() => Assert.StartsWith("The browser doesn't allow", panel.Find(".field-fault").TextContent, StringComparison.Ordinal));
        Assert.Equal("", panel.Find(".copy-told").TextContent);
    }

    [Fact]
    public async Task OpenMenu_NoCommand_OffersNoCurl()
    {
        var (panel, _) = await OpenAsync(withCommand: false);

        await panel.Button("Other formats").ClickAsync();

        Assert.Equal(["Header value", "Key only", ".env line", "Handle"], Menus.Texts("[role=menuitem]"));
    }

    [Fact]
    public async Task View_EachSecond_CountsDownSilently()
    {
        var (panel, _) = await OpenAsync();
        await panel.Button("View").ClickAsync();
        var announced = panel.Find(".section > .visually-hidden[role=status]").TextContent;

        Server.Clock.Advance(TimeSpan.FromSeconds(6));

        panel.WaitForAssertion(() => Assert.Equal("Hidden in 24 s", panel.Find(".countdown").TextContent));
        Assert.True(panel.Find(".countdown").HasAttribute("aria-hidden"));
        Assert.Equal(announced, panel.Find(".section > .visually-hidden[role=status]").TextContent);
    }

    /// <summary>The handle stays in one piece; the line may break after the colon.</summary>
    [Fact]
    public async Task View_Key_BreaksAfterTheColonOnly()
    {
        var (panel, key) = await OpenAsync();
        await panel.Button("View").ClickAsync();

        var value = panel.Find(".key-value");
        Assert.Equal(key.ToHeaderValue(), value.TextContent);
        Assert.Equal("no", value.GetAttribute("translate"));
        Assert.Equal($"ApiKey {key.Handle}:", value.QuerySelector(".key-handle")!.TextContent);
        Assert.Equal("wbr", value.QuerySelector(".key-handle")!.NextElementSibling!.LocalName);
    }

    private async Task<(IRenderedComponent<KeyPanel> Panel, ApiKey Key)> OpenAsync(bool withCommand = true)
    {
        var key = (await Server.CreateAsync()).Key!;
        SignIn(Role.Operator);
        var panel = Render<KeyPanel>(panel => panel
            .Add(it => it.Handle, key.Handle)
            .Add(it => it.Reveal, purpose => Server.Tokens.HandOutAsync(Server.Operator, key, purpose))
            .Add(it => it.Command, withCommand ? value => $"curl -H {value}" : null));
        return (panel, key);
    }
}
