using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Tells open lists whether the tokens of an account have changed, including changes by other processes. However many lists ask, the
/// database is asked once in <see cref="MaximumAge"/>.</summary>
public sealed class TokenListVersion(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    internal static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (long Version, long ReadAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Returns a number that changes with each change that a list can show, except the use of tokens and the passing of time.</summary>
    public async Task<long> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (_known.TryGetValue(actor.AccountId, out var known) && clock.GetElapsedTime(known.ReadAt) < MaximumAge)
            return known.Version;
        // Before the read, so that a change in between isn't missed for longer.
        var readAt = clock.GetTimestamp();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var version = await context.TokenTotals.Where(totals => totals.AccountId == actor.AccountId).Select(totals => totals.Version).SingleOrDefaultAsync(cancellation);
        _known[actor.AccountId] = (version, readAt);
        return version;
    }
}
