using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>Knows which tokens of an account were last used before, and which after, the time that makes a token idle.</summary>
/// <remarks>Tokens are used all the time, so the index of the search doesn't contain their last use. The database reads these IDs from an index
/// alone: reading each token would take ten times as long.</remarks>
public sealed partial class TokenUses
{
    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly IOptions<TokenOptions> _options;
    private readonly TimeProvider _clock;
    private readonly SlowResults<UsedTokens> _results;
    private readonly ILogger<TokenUses> _logger;

    public TokenUses(IDbContextFactory<PortalDbContext> contexts, IOptions<TokenOptions> options, TimeProvider clock, ILogger<TokenUses> logger)
    {
        (_contexts, _options, _clock, _logger) = (contexts, options, clock, logger);
        _results = new(clock, ReadAsync, LogFailed);
    }

    /// <summary>Returns the tokens that aren't deleted. With very many, the result may be up to a minute old.</summary>
    internal Task<UsedTokens> GetAsync(string accountId, CancellationToken cancellation) => _results.GetAsync(accountId, cancellation);

    private async Task<UsedTokens> ReadAsync(string accountId, CancellationToken cancellation)
    {
        var since = _clock.GetUtcNow().UtcDateTime.AddDays(-_options.Value.IdleAfterDays);
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        // Compared as in the index, which begins with whether a token was used.
        var isUsed = true;
        var used = context.Tokens.Where(token => token.AccountId == accountId && token.DeletedAt == null && (token.LastUsedAt != null) == isUsed);
        return new UsedTokens(
            since,
            await IdsAsync(used.Where(token => token.LastUsedAt < since), cancellation),
            await IdsAsync(used.Where(token => token.LastUsedAt >= since), cancellation));
    }

    private static async Task<IdBits> IdsAsync(IQueryable<Token> tokens, CancellationToken cancellation)
    {
        var ids = new IdBits();
        await foreach (var id in tokens.Select(token => token.Id).AsAsyncEnumerable().WithCancellation(cancellation))
            ids.Add(id);
        return ids;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens that are idle could not be read")]
    private partial void LogFailed(Exception exception);
}

/// <summary>The tokens that were ever used.</summary>
/// <param name="Since">The time that makes a token idle.</param>
/// <param name="Before">Those whose last use was before.</param>
/// <param name="Later">Those that were used since.</param>
internal sealed record UsedTokens(DateTime Since, IdBits Before, IdBits Later)
{
    /// <summary>Whether a token hasn't been used since.</summary>
    public bool IsIdle(long id, DateTime createdAt) => Before.Contains(id) || (createdAt < Since && !Later.Contains(id));
}
