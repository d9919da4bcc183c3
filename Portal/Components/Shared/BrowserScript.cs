using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Components.Shared;

/// <summary>The functions of the browser that pages call. portal.js implements them.</summary>
public sealed class BrowserScript(IJSRuntime script)
{
    /// <summary>Marks the page as interactive, for its scripts and for tests in a browser.</summary>
    public ValueTask MarkReadyAsync() => script.InvokeVoidAsync("portal.markReady");

    /// <returns>False: the browser does not allow it.</returns>
    public ValueTask<bool> CopyAsync(string text) => script.InvokeAsync<bool>("portal.copy", text);

    /// <summary>The value that this tab keeps under the key, also after reloads and restarts of the server; null if there is none. Never a secret.</summary>
    public ValueTask<string?> ReadTabAsync(string key) => script.InvokeAsync<string?>("portal.readTab", key);

    /// <param name="value">Null: forget it.</param>
    public ValueTask WriteTabAsync(string key, string? value) => script.InvokeVoidAsync("portal.writeTab", key, value);

    /// <summary>The moment that a local date and time of the browser's time zone means, as ISO 8601 in UTC; null: none.</summary>
    public ValueTask<string?> ToUtcAsync(string local) => script.InvokeAsync<string?>("portal.toUtc", local);

    /// <summary>Puts the focus where it was before the dialog or menu, or on the page's heading if that is gone.</summary>
    public ValueTask FocusBackAsync() => script.InvokeVoidAsync("portal.focusBack");

    /// <summary>Scrolls until the element is in sight.</summary>
    public ValueTask RevealAsync(ElementReference element) => script.InvokeVoidAsync("portal.reveal", element);

    /// <summary>Puts the focus on the page's heading, unless the person already types into a field of the page.</summary>
    public ValueTask FocusHeadingAsync() => script.InvokeVoidAsync("portal.focusHeading");

    /// <summary>Puts the focus into the first field that is wrong, unless the person has moved on to another field.</summary>
    public ValueTask FocusFaultAsync() => script.InvokeVoidAsync("portal.focusFault");

    /// <summary>Puts the focus into the first field within the element, or on the element, unless the person already types into one of its
    /// fields.</summary>
    public ValueTask FocusFirstAsync(ElementReference area) => script.InvokeVoidAsync("portal.focusFirst", area);
}
