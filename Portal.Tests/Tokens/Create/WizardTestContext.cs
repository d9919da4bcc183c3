using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

/// <summary>The wizard in a browser tab that may have stored a draft.</summary>
public abstract class WizardTestContext : PageTestContext
{
    /// <summary>The key of the draft in the tab of the person who signs in.</summary>
    private protected virtual string Stored => "token-draft:user-Operator";

    /// <summary>The draft that the page last stored in the tab; null if there is none.</summary>
    private protected string? Kept => Asked("portal.writeTab") is { Count: > 0 } calls && Equals(calls[^1].Arguments[0], Stored) ? (string?)calls[^1].Arguments[1] : null;

    private protected IRenderedComponent<TokenCreate> Open(Role role = Role.Operator, string? draft = null)
    {
        SignIn(role);
        Navigation.NavigateTo("/tokens/create");
        JSInterop.Setup<string?>("portal.readTab", Stored).SetResult(draft);
        return Render<TokenCreate>();
    }

    /// <summary>Reloads the page for the same person in the same tab.</summary>
    private protected IRenderedComponent<TokenCreate> Reopen(string? draft)
    {
        JSInterop.Setup<string?>("portal.readTab", Stored).SetResult(draft);
        return Render<TokenCreate>();
    }

    /// <summary>Presses Enter in a field, or the button, this many times.</summary>
    private protected static async Task NextAsync(IRenderedComponent<TokenCreate> page, int times = 1)
    {
        for (var i = 0; i < times; i++)
            await page.Find("form").SubmitAsync();
    }

    private protected static string StepOf(IRenderedComponent<TokenCreate> page) => page.Find("h2").TextContent;

    /// <summary>Completes all steps with one module, up to the button that creates the token.</summary>
    private protected static async Task AnswerAllAsync(IRenderedComponent<TokenCreate> page, string name = "Shop")
    {
        await page.Field("Name").InputAsync(name);
        await NextAsync(page, 3);
        await page.Field("Agreements").ChangeAsync(true);
    }
}
