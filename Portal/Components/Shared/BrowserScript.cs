using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Components.Shared;

/// <summary>The browser functions that pages call. portal.js implements them.</summary>
public sealed class BrowserScript(IJSRuntime script)
{
    /// <summary>Marks the page as interactive, for its scripts and for browser tests.</summary>
    public ValueTask MarkReadyAsync() => script.InvokeVoidAsync("portal.markReady");

    /// <returns>False if the browser doesn't allow it.</returns>
    public ValueTask<bool> CopyAsync(string text) => script.InvokeAsync<bool>("portal.copy", text);

    /// <summary>Reads the value that this tab stores under the key, even after reloads and restarts of the server; null if there is none. Never a
    /// secret.</summary>
    public ValueTask<string?> ReadTabAsync(string key) => script.InvokeAsync<string?>("portal.readTab", key);

    /// <param name="value">Null to remove it.</param>
    public ValueTask WriteTabAsync(string key, string? value) => script.InvokeVoidAsync("portal.writeTab", key, value);

    /// <summary>Converts a local date and time in the browser's time zone to ISO 8601 in UTC; null if it isn't valid.</summary>
    public ValueTask<string?> ToUtcAsync(string local) => script.InvokeAsync<string?>("portal.toUtc", local);

    /// <summary>Returns the focus to where it was before the dialog or menu, or to the page's heading if that element is gone.</summary>
    public ValueTask FocusBackAsync() => script.InvokeVoidAsync("portal.focusBack");

    /// <summary>Scrolls the element into view.</summary>
    public ValueTask RevealAsync(ElementReference element) => script.InvokeVoidAsync("portal.reveal", element);

    /// <summary>Moves the focus to the page's heading, unless the person is already typing in a field of the page.</summary>
    public ValueTask FocusHeadingAsync() => script.InvokeVoidAsync("portal.focusHeading");

    /// <summary>Moves the focus to the first invalid field, unless the person has moved on to another field.</summary>
    public ValueTask FocusFaultAsync() => script.InvokeVoidAsync("portal.focusFault");

    /// <summary>Moves the focus to the first field within the element, or to the element itself, unless the person is already typing in one of its
    /// fields.</summary>
    public ValueTask FocusFirstAsync(ElementReference area) => script.InvokeVoidAsync("portal.focusFirst", area);
}
