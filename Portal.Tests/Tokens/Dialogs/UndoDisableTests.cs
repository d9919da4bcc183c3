using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class UndoDisableTests : PageTestContext
{
    [Fact]
    public async Task Undo_Disabled_EnablesTheTokenWithItsAuditEntry()
    {
        var handle = await DisableAsync();

        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.Equal("\"Nightly report\" is enabled. Its keys work again.", Messages.Find(".message-text").Words()));
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
        Assert.Equal(
            [AuditAction.TokenCreated, TokenAction.Disable.AuditCode, TokenAction.Enable.AuditCode], (await Server.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Undo_ChangedSince_SaysSoAndChangesNothing()
    {
        var handle = await DisableAsync();
        await Server.Tokens.GrantAsync(Server.Operator, handle, TestTokens.Billing);

        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.Equal(
            "Nothing was undone, because \"Nightly report\" was changed in the meantime.", Messages.Find(".message-text").Words()));
        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(handle));
    }

    /// <summary>Undoing would enable what another person has disabled.</summary>
    [Fact]
    public async Task Disable_AnotherPersonWasFaster_OffersNoUndo()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var run = Run(TokenAction.Disable, handle);
        WaitForDialog("Disable Nightly report?");
        await Server.Tokens.DisableAsync(Server.Operator, handle);

        await Dialogs.Button("Disable").ClickAsync();

        Assert.True(await run);
        Messages.WaitForAssertion(() => Assert.StartsWith("\"Nightly report\" is disabled.", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
        Assert.False(Messages.HasButton("Undo"));
    }

    [Theory]
    [InlineData(1, "1 token that was created with it stays disabled.")]
    [InlineData(2, "2 tokens that were created with it stay disabled.")]
    public async Task Enable_CreatedTokensAreDisabled_SaysThatTheyStaySo(int count, string told)
    {
        var root = (await Server.CreateAsync(name: "Root")).Handle;
        for (var i = 0; i < count; i++)
            await Server.Tokens.DisableAsync(Server.Operator, await CreatedTokensTests.ChildAsync(Server, root, $"Child {i}"));
        await Server.Tokens.DisableAsync(Server.Operator, root);

        Assert.True(await Run(TokenAction.Enable, root));

        Messages.WaitForAssertion(() => Assert.EndsWith(told, Messages.Find(".message-text").Words(), StringComparison.Ordinal));
    }

    private async Task<string> DisableAsync()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var run = Run(TokenAction.Disable, handle);
        WaitForDialog("Disable Nightly report?");
        await Dialogs.Button("Disable").ClickAsync();
        Assert.True(await run);
        Messages.WaitForAssertion(() => Assert.True(Messages.HasButton("Undo")));
        return handle;
    }

    private Task<bool> Run(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }
}
