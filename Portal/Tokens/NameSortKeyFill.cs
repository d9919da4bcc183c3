using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens;

/// <summary>Computes the sort keys of names after the start, if some are missing or an update of .NET or ICU has changed the order.</summary>
/// <remarks>Until it has finished, lists may show the tokens that remain in the former order. After a restart it begins again, but doesn't write keys
/// that are correct.</remarks>
public sealed partial class NameSortKeyFill(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, TimeProvider clock, ILogger<NameSortKeyFill> logger) : BackgroundService
{
    /// <summary>Rows per transaction, which keeps the database locked for a few milliseconds only.</summary>
    internal const int RowsAtOnce = 500;

    /// <summary>How many times as long as it worked it then pauses, so that it takes half of a processor at most.</summary>
    private const int RestFactor = 1;

    /// <summary>Computes all keys, unless they have the current version.</summary>
    /// <returns>The number of tokens whose key has changed.</returns>
    public async Task<int> FillAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await NameSortKeyStore.FindVersionAsync(context, cancellation) == NameCollation.Version)
            return 0;
        var filled = 0;
        for (long after = 0; ;)
        {
            var began = clock.GetTimestamp();
            var tokens = await NameSortKeyStore.ReadAsync(context, after, RowsAtOnce, cancellation);
            var changed = tokens.Select(token => (Token: token, Key: NameCollation.SortKey(token.Name)))
                .Where(it => it.Token.SortKey is not { } known || !known.AsSpan().SequenceEqual(it.Key))
                .Select(it => it.Token with { SortKey = it.Key }).ToList();
            if (changed.Count > 0)
                await writes.RunUpkeepAsync(token => NameSortKeyStore.SetAsync(context, changed, token), cancellation);
            filled += changed.Count;
            if (tokens.Count < RowsAtOnce)
                break;
            after = tokens[^1].Id;
            await Task.Delay(clock.GetElapsedTime(began) * RestFactor, clock, cancellation);
        }

        await writes.RunUpkeepAsync(token => NameSortKeyStore.FinishAsync(context, NameCollation.Version, token), cancellation);
        return filled;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await FillAsync(stoppingToken) is > 0 and var filled)
                LogFilled(filled);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. It continues after the next start.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored the order of {Count} names")]
    private partial void LogFilled(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The order of names could not be stored; Portal tries again after the next start")]
    private partial void LogFailed(Exception exception);
}
