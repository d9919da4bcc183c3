using System.Globalization;
using System.Text;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>Runs the action, and offers what can be done with the results.</summary>
public sealed partial class BulkDialog
{
    /// <summary>The shortest time between two renderings of the progress.</summary>
    private static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(150);

    /// <summary>Results by handle, of all attempts.</summary>
    private readonly Dictionary<string, BulkRow> _rows = new(StringComparer.Ordinal);
    private readonly List<NewKey> _keys = [];
    private Dictionary<string, FormerToken> _former = [];
    private IReadOnlyList<BulkRow> _shown = [];
    private CancellationTokenSource? _stop;
    private ITimer? _dropping;
    private Actor? _runningAs;
    private BulkEnd? _end;
    private string _told = "", _stamp = "";
    private int _total, _processed, _runs, _keyCount;
    private long _renderedAt;
    private bool _stopping, _saved, _isUndo, _disposed;

    private int Retryable => CountOf(BulkState.Failed) + CountOf(BulkState.NotStarted);

    private int Undoable => !_isUndo && ReverseOf(_action) is not null ? _rows.Values.Count(row => row is { State: BulkState.Done, Version: not null }) : 0;

    private string Summary => string.Join(", ", Enum.GetValues<BulkState>()
        .Select(state => (State: state, Count: CountOf(state)))
        .Where(part => part.Count > 0)
        .Select(part => Texts.BulkDialog_SummaryPart.With(BulkTexts.Describe(part.State), part.Count)));

    private string? EndMessage =>
        _end is null or { IsComplete: true } ? null
        : _end.Cause is { } cause ? Texts.BulkDialog_EndedEarly.With(ErrorMessages.For(cause, Texts.CreatedTokensDialog_AfterFailure))
        : Texts.BulkDialog_Stopped;

    private static TokenAction? ReverseOf(TokenAction action) =>
        action == TokenAction.Enable ? TokenAction.Disable : action.Undo;

    private int CountOf(BulkState state) => _rows.Values.Count(row => row.State == state);

    private async Task SubmitAsync()
    {
        if (_phase != BulkPhase.Asking || !Check())
            return;
        await tokens.RequireAsync(Actor, _action);
        foreach (var (reason, skipped) in _plan.Skipped)
            foreach (var token in skipped)
                _rows[token.Handle] = BulkRow.Of(token, reason);
        var order = new BulkOrder(_action, SetsExpiration ? _expiration.EndFrom(Now) : null, Overlap > TimeSpan.Zero ? Overlap : null)
        {
            Owner = OwnerChoice.Parse(_owner),
        };
        await RunAsync(order, [.. _plan.Affected.Select(item => item.Token)]);
    }

    private async Task RunAsync(BulkOrder order, IReadOnlyList<BulkToken> wanted)
    {
        (_phase, _total, _processed, _told, _stopping, _warned) = (BulkPhase.Running, wanted.Count, 0, "", false, false);
        foreach (var token in wanted)
            _rows[token.Handle] = new BulkRow(token, BulkState.NotStarted, Texts.BulkDialog_NotStarted);
        Dialog.StateHasChanged();
        await Task.Yield();
        Changed?.Invoke();
        _runningAs = Actor with { BulkId = Guid.CreateVersion7() };
        _stop = new CancellationTokenSource();
        _end = await runner.RunAsync(_runningAs, order, wanted, result => Report(order, result), _stop.Token);

        if (!_disposed)
            Finish();
    }

    private void Finish()
    {
        _phase = BulkPhase.Finished;
        _runs++;
        _stamp = Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        _shown = [.. _rows.Values.OrderBy(row => row.State)];
        StateHasChanged();
        Dialog.StateHasChanged();
    }

    private void Report(BulkOrder order, BulkResult result)
    {
        if (_disposed)
            return;
        if (result.Outcome is TokenOutcome.Done { Key: { } key })
        {
            _keys.Add(new NewKey(result.Token, key, order.Action == TokenAction.Rotate ? result.Token.ExpiresAt : order.ExpiresAt));
            (_keyCount, _saved) = (_keys.Count, false);
        }

        _rows[result.Token.Handle] = BulkRow.Of(result, _isUndo);
        _processed++;
        // Every tenth of the way, so that a screen reader can finish a sentence.
        if (_processed * 10L / _total > (_processed - 1) * 10L / _total)
            _told = Texts.BulkDialog_Progress.With(_processed, _total);
        if (clock.GetElapsedTime(_renderedAt) < ProgressPause)
            return;
        _renderedAt = clock.GetTimestamp();
        StateHasChanged();
    }

    private void Stop()
    {
        _stopping = true;
        _stop?.Cancel();
        Dialog.StateHasChanged();
    }

    /// <summary>Reads the tokens that weren't changed, and asks again: they may be in another state now.</summary>
    private async Task RetryAsync()
    {
        if (_action.IsForDeleted)
        {
            // An undo knows what to restore, and asks nothing.
            await RunAsync(new BulkOrder(_action) { Former = _former }, [.. _rows.Values.Where(row => row.State is BulkState.Failed or BulkState.NotStarted).Select(row => row.Token)]);
            return;
        }

        var again = _rows.Values.Where(row => row.State is BulkState.Failed or BulkState.NotStarted).ToList();
        var list = await Load(_action, again.Select(row => row.Token.Handle));
        var seen = again.ToDictionary(row => row.Token.Handle, row => row.Token.Version, StringComparer.Ordinal);
        _isRetry = true;
        Show(list with { Items = [.. list.Items.Select(item => item with { HasChanged = item.Token.Version != seen[item.Token.Handle] })] });
    }

    /// <summary>Reverts only what the run changed, and only tokens that no one has changed since.</summary>
    private async Task UndoAsync()
    {
        var reverse = ReverseOf(_action)!;
        await tokens.RequireAsync(Actor, reverse);
        var done = _rows.Values.Where(row => row is { State: BulkState.Done, Version: not null }).ToList();
        (_action, _isUndo) = (reverse, true);
        _former = done.Where(row => row.Former is not null).ToDictionary(row => row.Token.Handle, row => row.Former!, StringComparer.Ordinal);
        _rows.Clear();
        foreach (var row in done.Where(StaysEnabled))
            _rows[row.Token.Handle] = BulkRow.Of(row.Token, BulkSkip.WasPending);
        await RunAsync(
            new BulkOrder(_action) { Former = _former }, [.. done.Where(row => !StaysEnabled(row)).Select(row => row.Token with { Version = row.Version!.Value })]);
    }

    /// <summary>Whether the token was pending before it was enabled. A deletion keeps what it needs to make it pending again.</summary>
    private static bool StaysEnabled(BulkRow row) => row.Former is null && row.Token.Status == TokenStatus.Pending;

    private Task HandOutAsync() => tokens.HandOutAllAsync(_runningAs!, [.. _keys.Select(key => key.Token.Handle)]);

    private void NoteSaved()
    {
        (_saved, _warned) = (true, false);
        _dropping?.Dispose();
        _dropping = clock.CreateTimer(_ => InvokeAsync(DropKeys), null, BulkKeys.KeptFor, Timeout.InfiniteTimeSpan);
        Dialog.StateHasChanged();
    }

    private void DropKeys()
    {
        // A later attempt may have added keys that aren't saved yet.
        if (!_saved)
            return;
        _keys.Clear();
        StateHasChanged();
    }

    private Task<string?> CopyResultsAsync() => Task.FromResult<string?>(Encoding.UTF8.GetString(BulkFiles.Results(_shown)));

    private Task<byte[]?> WriteResultsAsync() => Task.FromResult<byte[]?>(BulkFiles.Results(_shown));
}
