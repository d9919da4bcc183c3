using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>Stores the fingerprints of secrets that were created before Portal kept them, once after the start.</summary>
/// <remarks>Only secrets with an encrypted copy can get one. What is stored isn't tried again, so a restart continues where the last run ended.</remarks>
public sealed partial class FingerprintFill(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, SecretProtector protector, TimeProvider clock, ILogger<FingerprintFill> logger) : BackgroundService
{
    /// <summary>Rows per transaction, which keeps the database locked for a few milliseconds only.</summary>
    internal const int RowsAtOnce = 200;

    /// <summary>How many times as long as it worked it then pauses, so that it takes a fifth of a processor at most.</summary>
    private const int RestFactor = 4;

    /// <summary>Fills in all fingerprints that are missing.</summary>
    /// <returns>The number of secrets that got one.</returns>
    public async Task<int> FillAsync(CancellationToken cancellation = default)
    {
        var filled = 0;
        for (long after = 0; ;)
        {
            var began = clock.GetTimestamp();
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var missing = await FingerprintStore.FindMissingAsync(context, after, RowsAtOnce, cancellation);
            if (missing.Count == 0)
                return filled;
            var found = new List<(long, string)>(missing.Count);
            foreach (var secret in missing)
                if (protector.Unprotect(secret.Handle, secret.Protected) is { } key)
                    found.Add((secret.Id, key.Fingerprint));
            if (found.Count > 0)
                await writes.RunUpkeepAsync(token => FingerprintStore.SetAsync(context, found, token), cancellation);
            (after, filled) = (missing[^1].Id, filled + found.Count);
            if (missing.Count == RowsAtOnce)
                await Task.Delay(clock.GetElapsedTime(began) * RestFactor, clock, cancellation);
        }
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
            // Portal is stopping. The rest gets its fingerprints after the next start.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored the fingerprints of {Count} keys")]
    private partial void LogFilled(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The fingerprints of older keys could not be stored; Portal tries again after the next start")]
    private partial void LogFailed(Exception exception);
}
