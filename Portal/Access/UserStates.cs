using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Data.Nodes;

namespace Portal.Access;

/// <summary>Caches the current <see cref="UserState"/> of users for at most <see cref="MaximumAge"/>.</summary>
/// <remarks>A change in this process applies immediately, see <see cref="UserChangeInterceptor"/>, and a change in another node before it returns there. The
/// maximum age limits how long the changes of a command remain unnoticed.</remarks>
public sealed class UserStates
{
    public static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(2);

    /// <summary>The longest time that a request waits for a database server that doesn't answer.</summary>
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Entry> _known = new();
    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly SecondFactorOptions _secondFactors;
    private readonly NodeLease _lease;
    private readonly TimeProvider _clock;
    private long _changes;

    public UserStates(
        IDbContextFactory<PortalDbContext> contexts, UserChanges changes, IOptions<SecondFactorOptions> secondFactors, NodeLease lease, TimeProvider clock)
    {
        (_contexts, _secondFactors, _lease, _clock) = (contexts, secondFactors.Value, lease, clock);
        changes.Published += Forget;
        changes.Dropped += ForgetAll;
    }

    /// <returns>Null: there is no such user.</returns>
    /// <exception cref="DatabaseSilentException">The database server doesn't answer.</exception>
    public async ValueTask<UserState?> GetAsync(string userId, CancellationToken cancellation = default) =>
        MayUseMemory && _known.TryGetValue(userId, out var entry) && _clock.GetElapsedTime(entry.ReadAt) < MaximumAge
            ? entry.State
            : (await ReadInTimeAsync(userId, cancellation)).GetValueOrDefault(userId);

    /// <summary>Reads the states of these users from the database. Users that do not exist are left out.</summary>
    public async Task<IReadOnlyDictionary<string, UserState>> ReadAsync(IReadOnlyCollection<string> userIds, CancellationToken cancellation = default)
    {
        var (changes, readAt) = (Interlocked.Read(ref _changes), _clock.GetTimestamp());
        var states = new Dictionary<string, UserState>(StringComparer.Ordinal);
        await using var context = await _contexts.CreateDbContextAsync(cancellation);
        foreach (var ids in userIds.Chunk(500))
            foreach (var (id, state) in await ReadAsync(context, ids, cancellation))
                states[id] = state;
        // A state that was read before a change must not be cached after it.
        if (changes == Interlocked.Read(ref _changes))
            foreach (var id in userIds)
                _known[id] = new Entry(states.GetValueOrDefault(id), readAt);
        return states;
    }

    /// <summary>Not in the turn of a change: another node may have stored one just before, which this node hasn't read yet.</summary>
    private bool MayUseMemory => QueuedWrite.Current?.Turn is null && _lease.IsTrusted;

    private Task<IReadOnlyDictionary<string, UserState>> ReadInTimeAsync(string userId, CancellationToken cancellation) =>
        _lease.IsShared ? LimitedRead.RunAsync(token => ReadAsync([userId], token), LongestRead, TimeProvider.System, cancellation) : ReadAsync([userId], cancellation);

    private void ForgetAll()
    {
        Interlocked.Increment(ref _changes);
        _known.Clear();
    }

    private void Forget(string userId)
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove(userId, out _);
    }

    private async Task<IEnumerable<(string Id, UserState State)>> ReadAsync(PortalDbContext context, string[] ids, CancellationToken cancellation)
    {
        var now = _clock.GetUtcNow();
        var users = await context.Users.AsNoTracking()
            .Where(user => EF.Parameter(ids).Contains(user.Id))
            .Select(user => new
            {
                user.Id, user.AccountId, user.DisplayName, user.SecurityStamp, user.LockoutEnabled, user.LockoutEnd, user.SecondFactorDueAt,
                HasSecondFactor = context.UserSecondFactors.Any(factor => factor.UserId == user.Id && factor.ConfirmedAt != null)
                    || context.UserPasskeys.Any(passkey => passkey.UserId == user.Id),
                Sessions = context.UserSessions.Where(session => session.UserId == user.Id).Select(session => new { session.Id, session.ProvedAt, session.Provider }).ToList(),
                Roles = (from held in context.UserRoles join role in context.Roles on held.RoleId equals role.Id where held.UserId == user.Id select role.Name).ToList(),
            })
            .ToListAsync(cancellation);
        return users.Select(user => (user.Id, new UserState(
            user.AccountId, user.DisplayName, Highest(user.Roles), user.SecurityStamp, user.LockoutEnabled && user.LockoutEnd > now,
            user.Sessions.ToDictionary(session => session.Id, session => session.ProvedAt, StringComparer.Ordinal))
        {
            SecondFactorDueAt = user.HasSecondFactor || !_secondFactors.Required.Includes(Highest(user.Roles)) ? null : user.SecondFactorDueAt,
            ProviderSessions = user.Sessions.Where(session => session.Provider is not null).Select(session => session.Id).ToHashSet(StringComparer.Ordinal),
        }));
    }

    private static Role Highest(List<string?> names) =>
        names.Contains(nameof(Role.Administrator)) ? Role.Administrator : names.Contains(nameof(Role.Operator)) ? Role.Operator : Role.Viewer;

    private sealed record Entry(UserState? State, long ReadAt);
}
