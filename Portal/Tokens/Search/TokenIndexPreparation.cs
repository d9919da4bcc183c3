using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tokens.Search;

/// <summary>Reads the search indexes of accounts with many tokens some time after the start, so that the first list doesn't wait for them.</summary>
public sealed partial class TokenIndexPreparation(
    IDbContextFactory<PortalDbContext> contexts, TokenIndexes indexes, TimeProvider clock, ILogger<TokenIndexPreparation> logger) : BackgroundService
{
    /// <summary>The time for the clients that waited for the start: reading a million tokens takes a processor for some seconds.</summary>
    internal static readonly TimeSpan Delay = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(Delay, clock, stoppingToken);
            await using var context = await contexts.CreateDbContextAsync(stoppingToken);
            var accounts = await context.TokenTotals.Where(totals => totals.Kept > TokenIndexes.MostReadOnDemand).Select(totals => totals.AccountId).ToListAsync(stoppingToken);
            foreach (var account in accounts)
                await indexes.PrepareAsync(account);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The search indexes could not be prepared; they are read when they are first needed")]
    private partial void LogFailed(Exception exception);
}
