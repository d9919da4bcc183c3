using System.Runtime.ExceptionServices;
using Portal.Data;

namespace Portal.Statistics;

public sealed partial class CountWriter
{
    /// <returns>The reason why a token couldn't be written although others could; null if all are written.</returns>
    private async Task<Exception?> WriteAsync(int recent, bool paced, CancellationToken cancellation)
    {
        var (offered, written, refused) = (0, 0, new List<(TokenCounts Token, Exception Why)>());
        TokenCounts[] tokens = [];
        HashSet<TokenCounts> withRecent = [];
        await ApartIfLongAsync(
            () =>
            {
                tokens = _batch.InOrder();
                withRecent = PickWithRecent(tokens, recent);
            },
            _batch.Tokens.Count);
        _pace.Begin();
        while (offered < tokens.Length)
        {
            var began = clock.GetTimestamp();
            var size = paced && offered >= FlushPace.TokensWithoutPause && _pace.IsBusy ? TokensAtOnceWhileBusy : TokensAtOnce;
            var part = tokens[offered..Math.Min(offered + size, tokens.Length)];
            offered += part.Length;
            if (await TryAsync(part, withRecent, cancellation) is not { } failure)
            {
                written += part.Length;
                if (paced && offered >= FlushPace.TokensWithoutPause)
                    await PauseAsync(clock.GetElapsedTime(began), cancellation);
                continue;
            }

            // One of them makes the transaction fail, so write each on its own.
            foreach (var token in part.TakeWhile(_ => refused.Count < MostRefused))
                if ((part.Length == 1 ? failure : await TryAsync([token], withRecent, cancellation)) is { } why)
                    refused.Add((token, why));
                else
                    written++;
            if (refused.Count >= MostRefused)
                break;
        }

        if (refused.Count == 0)
            return null;
        if (written == 0)
            ExceptionDispatchInfo.Throw(refused[0].Why);
        SetAside(refused);
        return refused[0].Why;
    }

    /// <summary>Starts after the tokens of the last flush, so that no token waits indefinitely.</summary>
    private HashSet<TokenCounts> PickWithRecent(TokenCounts[] tokens, int count)
    {
        var waiting = tokens.Where(token => token.Recent is not null).ToList();
        var picked = waiting.Where(token => token.TokenId > _lastWithRecent).Concat(waiting).Take(Math.Min(count, waiting.Count)).ToHashSet();
        _lastWithRecent = picked.Count < waiting.Count ? picked.Last().TokenId : 0;
        return picked;
    }

    /// <summary>Pauses the flush. Requests that are counted meanwhile join the batch.</summary>
    private async Task PauseAsync(TimeSpan worked, CancellationToken cancellation)
    {
        var pause = _pace.PauseAfter(worked);
        _paused += pause;
        await Task.Delay(pause, clock, cancellation);
        if (clock.GetElapsedTime(_takenAt) < Interval)
            return;
        await TakeAsync();
        metrics.Waiting(_batch.Requests);
    }

    /// <summary>Sets aside tokens that couldn't be written. Others could, so the cause lies in these tokens.</summary>
    private void SetAside(List<(TokenCounts Token, Exception Why)> refused)
    {
        foreach (var (token, why) in refused)
            if (++token.Refused == 1 && !DatabaseErrors.IsOrphan(why))
                LogSetAside(why, token.TokenId);
            else if (token.Refused >= MostAttempts)
            {
                LogGivenUp(token.Requests, token.TokenId);
                lock (_changing)
                    _batch.Remove(token);
            }
    }

    /// <returns>The error if the database refused these tokens' data; null if they are written.</returns>
    private async Task<Exception?> TryAsync(TokenCounts[] part, HashSet<TokenCounts> withRecent, CancellationToken cancellation)
    {
        try
        {
            await writes.RunUpkeepAsync(token => WriteAsync(part, withRecent, token), cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && DatabaseErrors.Find(exception) is null)
        {
            return exception;
        }

        lock (_changing)
            foreach (var token in part)
            {
                _addresses.Remember(token.Seen);
                if (token.Recent is null || withRecent.Contains(token))
                    _batch.Remove(token);
                else
                    _batch.RemoveAllButRecent(token);
            }

        return null;
    }

    private async Task WriteAsync(TokenCounts[] part, HashSet<TokenCounts> withRecent, CancellationToken cancellation)
    {
        await using var store = await CountStore.BeginAsync(await contexts.CreateDbContextAsync(cancellation), cancellation);
        await store.LockRecentAsync(part.Where(token => token.Recent is not null && withRecent.Contains(token)).Select(token => token.TokenId), cancellation);
        var networks = await _addresses.FindNewAsync(store, part, cancellation);
        var writing = new TokenStatisticsWriter(store, _addresses);
        foreach (var token in part)
            writing.Write(token, withRecent.Contains(token));
        await store.CommitAsync();
        foreach (var (tokenId, address) in networks)
            news.Add(tokenId, address);
        if (writing.Damaged is { } damaged && !_damageTold)
        {
            _damageTold = true;
            LogDamaged(damaged);
        }
    }

    /// <summary>Drops the counts of tokens that don't exist, for example after the database was replaced while Portal ran. They would delay all
    /// others forever.</summary>
    private async Task LeaveOutOrphansAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var existing = await CountStore.ExistingTokensAsync(context, [.. _batch.Tokens.Select(token => token.TokenId)], cancellation);
        lock (_changing)
            LogOrphans(_batch.RemoveAllBut(existing));
    }
}
