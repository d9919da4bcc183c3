using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Portal.Components.Shared;

/// <summary>The browser's answer to the request for a passkey.</summary>
/// <param name="Credential">JSON; null: there is none.</param>
/// <param name="Fault">Why there is none, as one of the constants; null or any other text: unknown.</param>
public sealed record PasskeyReply(string? Credential, string? Fault)
{
    /// <summary>The person canceled, or took too long.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The device has a passkey of this user already.</summary>
    public const string Exists = "exists";

    /// <summary>The browser doesn't support passkeys.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>Omits the answer, which must not appear in logs.</summary>
    public override string ToString() => nameof(PasskeyReply);
}

/// <summary>The browser functions that pages call. portal.js implements them.</summary>
/// <remarks>A call on a connection that has just broken gets no answer, even after the browser has connected again. No button may wait for it:
/// calls that only support the page are given up after <see cref="LongestWait"/>, and the page goes on without their result.</remarks>
public sealed class BrowserScript(IJSRuntime script, TimeProvider clock)
{
    /// <summary>Much longer than a call takes, and shorter than people wait for a button.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPasskeyWait = TimeSpan.FromMinutes(5);

    /// <summary>Marks the page as interactive, for its scripts and for browser tests.</summary>
    public ValueTask MarkReadyAsync() => script.InvokeVoidAsync("portal.markReady");

    /// <summary>Lets the page continue on another node, because this one is about to stop.</summary>
    /// <param name="patience">The longest time for which it may wait until the person isn't in the middle of something.</param>
    public ValueTask MoveAsync(TimeSpan patience) => script.InvokeVoidAsync("portal.move", patience.TotalMilliseconds);

    /// <summary>Answers the browser, which then knows that the server has received what was done before.</summary>
    [JSInvokable]
    public static void Answer()
    {
    }

    /// <returns>False if the browser doesn't allow it.</returns>
    /// <exception cref="OperationCanceledException">The browser didn't answer.</exception>
    public async ValueTask<bool> CopyAsync(string text)
    {
        using var wait = new CancellationTokenSource(LongestWait, clock);
        return await script.InvokeAsync<bool>("portal.copy", wait.Token, text);
    }

    /// <summary>Reads the value that this tab stores under the key, even after reloads and restarts of the server; null if there is none. Never a
    /// secret.</summary>
    public ValueTask<string?> ReadTabAsync(string key) => AskAsync<string?>("portal.readTab", key);

    /// <param name="value">Null to remove it.</param>
    public async ValueTask WriteTabAsync(string key, string? value) => await AskAsync<object?>("portal.writeTab", key, value);

    /// <summary>Converts a local date and time in the reader's time zone to ISO 8601 in UTC; null if it isn't valid.</summary>
    public ValueTask<string?> ToUtcAsync(string local) => AskAsync<string?>("portal.toUtc", local);

    /// <summary>Converts a time in UTC to a local date and time in the reader's time zone, for a field; null: the browser didn't answer.</summary>
    public ValueTask<string?> ToLocalAsync(DateTime utc) => AskAsync<string?>("portal.toLocal", utc.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Stores the preferences in this browser and loads the page again. Null: as the browser.</summary>
    public ValueTask ApplyPreferencesAsync(string? theme, string? language, string? timeZone) =>
        script.InvokeVoidAsync("portal.applyPreferences", theme, language, timeZone);

    /// <summary>Returns the focus to where it was before the dialog or menu, or to the page's heading if that element is gone.</summary>
    public async ValueTask FocusBackAsync() => await AskAsync<object?>("portal.focusBack");

    /// <summary>Scrolls the element into view.</summary>
    public async ValueTask RevealAsync(ElementReference element) => await AskAsync<object?>("portal.reveal", element);

    /// <summary>Scrolls to the top of the page and moves the focus to its heading.</summary>
    public ValueTask ScrollToTopAsync() => script.InvokeVoidAsync("portal.scrollToTop");

    /// <summary>Moves the focus to the page's heading, unless the person is already typing in a field of the page.</summary>
    public async ValueTask FocusHeadingAsync() => await AskAsync<object?>("portal.focusHeading");

    /// <summary>Moves the focus to the first invalid field, unless the person has moved on to another field.</summary>
    public async ValueTask FocusFaultAsync() => await AskAsync<object?>("portal.focusFault");

    /// <summary>Moves the focus to the first field within the element, or to the element itself, unless the person is already typing in one of its
    /// fields.</summary>
    public async ValueTask FocusFirstAsync(ElementReference area) => await AskAsync<object?>("portal.focusFirst", area);

    /// <summary>Lets the person create a passkey.</summary>
    /// <param name="options">JSON, for <c>navigator.credentials</c>.</param>
    public Task<PasskeyReply> CreatePasskeyAsync(string options) => AskForPasskeyAsync("portal.createPasskey", options);

    /// <summary>Lets the person use a passkey.</summary>
    /// <inheritdoc cref="CreatePasskeyAsync"/>
    public Task<PasskeyReply> UsePasskeyAsync(string options) => AskForPasskeyAsync("portal.usePasskey", options);

    /// <summary>People may take minutes. After that, their challenge has expired anyway.</summary>
    private async Task<PasskeyReply> AskForPasskeyAsync(string function, string options)
    {
        using var wait = new CancellationTokenSource(LongestPasskeyWait, clock);
        try
        {
            return await script.InvokeAsync<PasskeyReply>(function, wait.Token, options);
        }
        catch (OperationCanceledException) when (wait.IsCancellationRequested)
        {
            return new PasskeyReply(null, PasskeyReply.Cancelled);
        }
    }

    /// <returns>The default value if the browser didn't answer.</returns>
    private async ValueTask<T?> AskAsync<T>(string function, params object?[] arguments)
    {
        using var wait = new CancellationTokenSource(LongestWait, clock);
        try
        {
            return await script.InvokeAsync<T?>(function, wait.Token, arguments);
        }
        catch (OperationCanceledException) when (wait.IsCancellationRequested)
        {
            return default;
        }
    }
}
