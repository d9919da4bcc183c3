using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.IpRules.Screen;

/// <summary>Finds a token while the user types its name or handle.</summary>
public sealed partial class TokenPicker(TimeProvider clock, BrowserScript browser) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly string _id = $"token-{Guid.CreateVersion7():N}";
    private IReadOnlyList<IpRuleToken> _found = [];
    private CancellationTokenSource? _search;
    private ITimer? _typing;
    private IpRuleToken? _given;
    private string _text = "", _givenText = "";
    private string? _toldFault;
    private int _active = -1;
    private bool _isOpen, _hasNone;

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter]
    public string? Hint { get; set; }

    /// <summary>The error; null if there is none.</summary>
    [Parameter]
    public string? Fault { get; set; }

    /// <summary>The token that was chosen; null: none.</summary>
    [Parameter]
    public IpRuleToken? Value { get; set; }

    /// <summary>The text that was typed instead.</summary>
    [Parameter]
    public string Text { get; set; } = "";

    /// <summary>Receives the token that was chosen, or the text that was typed.</summary>
    [Parameter]
    public EventCallback<(IpRuleToken? Token, string Text)> Changed { get; set; }

    /// <summary>Finds tokens by part of their name or handle.</summary>
    [Parameter, EditorRequired]
    public Func<string, CancellationToken, Task<IReadOnlyList<IpRuleToken>>> Search { get; set; } = default!;

    private string ListId => $"{_id}-list";

    public void Dispose()
    {
        _typing?.Dispose();
        _search?.Dispose();
    }

    protected override void OnParametersSet()
    {
        // What the field itself raised comes back later, while the user continues to type.
        if (Value == _given && Text == _givenText)
            return;
        (_given, _givenText) = (Value, Text);
        _text = Value?.Name ?? Text;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var isNew = Fault is not null && Fault != _toldFault;
        _toldFault = Fault;
        if (isNew)
            await browser.FocusFaultAsync();
    }

    private string OptionId(int index) => $"{_id}-{index}";

    private Task TypeAsync(string? text)
    {
        _typing?.Dispose();
        // A pasted key names its token. The secret goes no further.
        _text = !SecretText.Holds(text) ? text ?? "" : PastedKeys.Find(text) is { Keys: [var key, ..] } ? key.Handle : "";
        _typing = clock.CreateTimer(_ => InvokeAsync(SearchAsync), null, Pause, Timeout.InfiniteTimeSpan);
        return RaiseAsync(null, _text);
    }

    /// <summary>Callers don't await it, so it reports its own errors.</summary>
    private async Task SearchAsync()
    {
        _search?.Cancel();
        _search = new CancellationTokenSource();
        var (wanted, cancellation) = (_text.Trim(), _search.Token);
        try
        {
            var found = wanted.Length == 0 ? [] : await Search(IpRuleChecks.ReadHandle(wanted) ?? wanted, cancellation);
            if (cancellation.IsCancellationRequested)
                return;
            (_found, _active, _isOpen, _hasNone) = (found, -1, found.Count > 0, found.Count == 0 && wanted.Length > 0);
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // A later search replaces it.
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }
    }

    private async Task PressAsync(KeyboardEventArgs pressed)
    {
        switch (pressed.Key)
        {
            case "ArrowDown" when !_isOpen:
                await SearchAsync();
                break;
            case "ArrowDown":
                _active = (_active + 1) % _found.Count;
                break;
            case "ArrowUp" when _isOpen:
                _active = (_active <= 0 ? _found.Count : _active) - 1;
                break;
            case "Enter" when _isOpen && _active >= 0:
                await PickAsync(_found[_active]);
                break;
            case "Escape":
                Close();
                break;
        }
    }

    private Task PickAsync(IpRuleToken token)
    {
        Close();
        _text = token.Name;
        return RaiseAsync(token, "");
    }

    private Task RaiseAsync(IpRuleToken? token, string text)
    {
        (_given, _givenText, _hasNone) = (token, text, false);
        return Changed.InvokeAsync((token, text));
    }

    private void Close()
    {
        _typing?.Dispose();
        _search?.Cancel();
        (_isOpen, _active) = (false, -1);
    }
}
