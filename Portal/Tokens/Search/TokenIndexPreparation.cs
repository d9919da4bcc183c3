using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tokens.Search;

/// <summary>Reads the search indexes of accounts with many tokens after the start, so that the first list doesn't wait for them.</summary>
public sealed partial class TokenIndexPreparation(
    IDbContextFactory<PortalDbContext> contexts, TokenIndexes indexes, ILogger<TokenIndexPreparation> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(stoppingToken);
            var accounts = await context.TokenTotals.Where(totals => totals.Kept > TokenIndexes.Many).Select(totals => totals.AccountId).ToListAsync(stoppingToken);
            accounts.ForEach(indexes.Prepare);
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
