using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

/// <summary>The key was changed, but the response was lost: a repeated request doesn't change anything else.</summary>
public sealed class LostKeyChangeTests : PageTestContext
{
    private readonly LostAnswer _answer = new();

    private protected override Action<IServiceCollection> Registered => _answer.Register;

    [Theory]
    [InlineData(nameof(TokenAction.Rotate), "Rotate, keep the old key until 2030-01-17 12:00:00 UTC")]
    [InlineData(nameof(TokenAction.Renew), "Renew")]
    public async Task Submit_Again_KeepsThePresentKeyAndSaysWhatHappened(string actionName, string button)
    {
        var action = TestTokens.ActionNamed(actionName);
        var first = await Server.CreateAsync();
        Server.Clock.Advance(TimeSpan.FromDays(1));
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        var run = Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, first.Handle));
        WaitForDialog($"{actionName} Nightly report");
        if (action == TokenAction.Rotate)
            await Dialogs.Field("After 24 hours").ChangeAsync("24 hours");
        _answer.LoseNext();
        await Dialogs.Button(button).ClickAsync();

        await Dialogs.Button(button).ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Contains("possibly by your own earlier attempt", Dialogs.Find(".note.danger").TextContent, StringComparison.Ordinal));
        Assert.True(await Server.AcceptsAsync(first.Key!));
        Assert.Equal(2, (await Server.DetailsAsync(first.Handle)).LiveSecrets.Count);
        Assert.False(Dialogs.HasButton(button));
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
    }
}
