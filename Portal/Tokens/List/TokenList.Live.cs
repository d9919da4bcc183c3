using Portal.Access;
using Portal.Statistics;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>Keeps the open list up to date with changes that are made elsewhere.</summary>
public sealed partial class TokenList
{
    /// <summary>The time between two checks. A change is shown within three seconds.</summary>
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1.5);

    /// <summary>The share of the time that may be spent on reads: a slow query is repeated less often.</summary>
    private const int IdleFactor = 10;

    /// <summary>Expirations within this time are highlighted.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>How often the use of tokens, the daily requests and the tokens that need attention are read again, in intervals.</summary>
    private const int SummaryEvery = 4;

    private IReadOnlyDictionary<string, IReadOnlyList<long>>? _activity;
    private AttentionCounts? _attention;
    private long _version;

    /// <summary>Whether the last refresh failed.</summary>
    private bool _isBehind;

    private DateTime SoonUntil => clock.GetUtcNow().UtcDateTime + Soon;

    /// <summary>Reads the list again and again until the page is left. Callers don't await it, so it reports its own errors.</summary>
    private async Task KeepFreshAsync()
    {
        var pause = RefreshInterval;
        for (var round = 1; ; round++)
        {
            try
            {
                await Task.Delay(pause, clock, _gone.Token);
                var started = clock.GetTimestamp();
                var isSummaryDue = round % SummaryEvery == 0;
                await RefreshAsync(always: isSummaryDue);
                if (isSummaryDue)
                {
                    await ReadActivityAsync();
                    await ReadAttentionAsync();
                }

                if (_isBehind)
                    ClearReport();
                _isBehind = false;
                pause = TimeSpan.FromTicks(Math.Max(RefreshInterval.Ticks, clock.GetElapsedTime(started).Ticks * IdleFactor));
            }
            catch (Exception) when (_gone.IsCancellationRequested)
            {
                return;
            }
            catch (SessionEndedException)
            {
                // The frame of the page says so and leads to the sign-in page.
                return;
            }
            catch (Exception exception)
            {
                // Reported once. The list keeps its rows and tries again.
                if (!_isBehind)
                    await ReportAsync(exception);
                (_isBehind, pause) = (true, RefreshInterval * IdleFactor);
            }
        }
    }

    /// <summary>Replaces the rows if they show something else now. The focus, the selection and the scroll position stay.</summary>
    /// <param name="always">Whether to read the rows even if no token has changed, because they also show their use and the time.</param>
    private async Task RefreshAsync(bool always)
    {
        if (_loading || _page is null)
            return;
        var (asked, version) = (_latest, await versions.ReadAsync(_actor!, _gone.Token));
        if (version == _version && !always)
            return;
        _version = version;
        var page = await reader.ListAsync(_actor!, _query, _gone.Token);
        // The user opened another page of the list meanwhile.
        if (asked != _latest)
            return;
        var isSame = page.Total == _page.Total && page.Rows.Count == _page.Rows.Count && page.Rows.Zip(_page.Rows).All(rows => rows.First.ShowsSameAs(rows.Second));
        if (isSame)
            return;
        if (page.Rows.Count == 0)
        {
            await LoadAsync();
            return;
        }

        (_page, _pristine) = (page, false);
        StateHasChanged();
    }

    /// <summary>Reads the daily requests of the rows after the rows are shown.</summary>
    private async Task ReadActivityAsync()
    {
        if (_page is null || !Columns.Contains(TokenColumn.Activity))
            return;
        var asked = _latest;
        var activity = await activities.ReadAsync(_actor!, [.. _page.Rows.Select(row => row.Handle).Take(ActivityReader.MaximumTokens)], _gone.Token);
        if (asked != _latest || IsSameActivity(activity))
            return;
        _activity = activity;
        StateHasChanged();
    }

    private async Task ReadAttentionAsync()
    {
        var counts = await attention.CountAsync(_actor!, _gone.Token);
        if (counts == _attention)
            return;
        _attention = counts;
        StateHasChanged();
    }

    private bool IsSameActivity(IReadOnlyDictionary<string, IReadOnlyList<long>> activity) =>
        _activity is not null && _activity.Count == activity.Count
        && activity.All(token => _activity.TryGetValue(token.Key, out var days) && days.SequenceEqual(token.Value));
}
