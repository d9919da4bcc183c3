using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Bulk.Screen;

namespace Portal.Tests.Tokens.Bulk.Screen;

/// <summary>Opens the dialog of a bulk action, and keeps the files that it saves.</summary>
public abstract class BulkDialogContext : PageTestContext
{
    /// <summary>The saved files by name.</summary>
    private protected Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    private protected Task<bool> Run(TokenAction action, params string[] handles) => Run(action, BulkSelection.Of(handles));

    private protected Task<bool> Run(TokenAction action, BulkSelection selection)
    {
        SignIn(Role.Administrator);
        JSInterop.SetupModule("./Tokens/Bulk/Screen/DownloadButton.razor.js").SetupVoid("save", Keep).SetVoidResult();
        var dialogs = Services.GetRequiredService<BulkDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, selection));
    }

    private protected string[] Rows => Dialogs.Texts(".bulk-table tbody tr");

    private protected void WaitForTitle(string title) => Dialogs.WaitForAssertion(() => Assert.Equal(title, Dialogs.Find("h2").Words()));

    /// <summary>Copies the file while the browser reads it, because it is cleared afterwards.</summary>
    private bool Keep(JSRuntimeInvocation call)
    {
        using var file = new MemoryStream();
        ((DotNetStreamReference)call.Arguments[2]!).Stream.CopyTo(file);
        Files[(string)call.Arguments[0]!] = file.ToArray();
        return true;
    }
}
