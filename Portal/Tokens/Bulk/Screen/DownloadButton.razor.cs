using System.Security.Cryptography;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Tokens.Bulk.Screen;

public sealed partial class DownloadButton
{
    private bool _busy;

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    [Parameter, EditorRequired]
    public string FileName { get; set; } = "";

    /// <summary>The media type.</summary>
    [Parameter, EditorRequired]
    public string Type { get; set; } = "";

    /// <summary>Writes the file when the button is pressed; null: there is nothing to save. The bytes are cleared afterwards.</summary>
    [Parameter, EditorRequired]
    public Func<Task<byte[]?>> Content { get; set; } = default!;

    /// <summary>Called once the browser has the whole file.</summary>
    [Parameter]
    public EventCallback Saved { get; set; }

    [Parameter]
    public bool IsMain { get; set; }

    private async Task SaveAsync()
    {
        if (_busy)
            return;
        _busy = true;
        byte[]? bytes = null;
        try
        {
            bytes = await Content();
            if (bytes is null)
                return;
            await using var module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Tokens/Bulk/Screen/DownloadButton.razor.js"]);
            // Blazor reads it in parts, so the file may be larger than a message.
            using var content = new DotNetStreamReference(new MemoryStream(bytes));
            await module.InvokeVoidAsync("save", FileName, Type, content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            _busy = false;
        }

        await Saved.InvokeAsync();
    }
}
