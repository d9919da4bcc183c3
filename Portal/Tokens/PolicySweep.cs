using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Policies;

namespace Portal.Tokens;

/// <summary>Disables tokens that a policy calls idle, after people were told, and tells people which keys a policy wants to be replaced.</summary>
/// <remarks>Every node does it. The key of a notice is unique, and a token is disabled only in the version that was read, so nothing happens twice.
/// A token isn't disabled within a day after the last notice, even if the policy is new or Portal didn't run for long.</remarks>
public sealed partial class PolicySweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, ITokenNotices notices, TokenChanges changes, MonotonicClock clock,
    ILogger<PolicySweep> logger) : BackgroundService
{
    private const int TokensAtOnce = 200;

    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(3), Between = TimeSpan.FromHours(1), FirstNotice = TimeSpan.FromDays(7), LastNotice = TimeSpan.FromDays(1);

    /// <summary>Does what is due now.</summary>
    /// <returns>The number of tokens that were disabled.</returns>
    internal async Task<int> SweepAsync(CancellationToken cancellation = default)
    {
        var now = WholeSeconds.Of(clock.GetTrustedUtcNow().UtcDateTime);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var policies = await context.TokenPolicies.AsNoTracking().ToListAsync(cancellation);
        var disabled = 0;
        foreach (var policy in policies)
        {
            if (policy.DisableIdleAfterDays is { } idle)
                foreach (var tokens in (await FindIdleAsync(context, policy, policies, now.AddDays(-idle) + FirstNotice, cancellation)).Chunk(TokensAtOnce))
                    disabled += await HandleIdleAsync(policy.AccountId, idle, tokens, now, cancellation);
            if (policy.RotateEveryDays is { } rotate)
                foreach (var tokens in (await FindOldKeysAsync(context, policy, policies, now.AddDays(-rotate), now, cancellation)).Chunk(TokensAtOnce))
                    await AskForRotationAsync(policy.AccountId, rotate, tokens, now, cancellation);
        }

        return disabled;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = AfterStart; ; pause = Between)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest is done after the next start.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    private static async Task<List<Found>> FindIdleAsync(
        PortalDbContext context, TokenPolicy policy, List<TokenPolicy> policies, DateTime since, CancellationToken cancellation)
    {
        var tokens = PolicyStore.TokensOf(context, policy, policies, other => other.DisableIdleAfterDays is not null).Where(PolicyStore.IsIdle(since));
        // Compared as in the index, which begins with whether a token was used.
        var isUsed = true;
        var used = await Select(tokens.Where(token => (token.LastUsedAt != null) == isUsed && token.LastUsedAt <= since)).ToListAsync(cancellation);
        return [.. used, .. await Select(tokens.Where(token => token.LastUsedAt == null)).ToListAsync(cancellation)];
    }

    private static Task<List<Found>> FindOldKeysAsync(
        PortalDbContext context, TokenPolicy policy, List<TokenPolicy> policies, DateTime oldest, DateTime now, CancellationToken cancellation) =>
        Select(PolicyStore.TokensOf(context, policy, policies, other => other.RotateEveryDays is not null).Where(token =>
            token.Status == StoredStatus.Active && token.CreatedAt <= oldest && (token.ExpiresAt == null || token.ExpiresAt > now)
            && !context.TokenSecrets.Any(secret => secret.TokenId == token.Id && secret.CreatedAt > oldest))).ToListAsync(cancellation);

    private static IQueryable<Found> Select(IQueryable<Token> tokens) =>
        tokens.Select(token => new Found(token.Id, token.Handle, token.Name, token.CreatedAt, token.UpdatedAt, token.LastUsedAt));

    private async Task<int> HandleIdleAsync(string accountId, int days, IReadOnlyCollection<Found> tokens, DateTime now, CancellationToken cancellation)
    {
        var told = await ReadNoticesAsync(accountId, tokens.SelectMany(token => new[] { token.IdleKey(first: true), token.IdleKey(first: false) }), cancellation);
        var disabled = 0;
        foreach (var token in tokens)
        {
            var due = token.ActiveAt.AddDays(days);
            if (!told.TryGetValue(token.IdleKey(first: false), out var toldAt))
            {
                var isFirst = due - now > LastNotice;
                if (!isFirst || !told.ContainsKey(token.IdleKey(first: true)))
                    await TellAsync(accountId, token, "idle", token.IdleKey(isFirst), !isFirst, now, new() { ["days"] = days, ["disabled_at"] = isFirst ? due : Later(due, now + LastNotice) }, cancellation);
            }
            else if (due <= now && toldAt + LastNotice <= now && await DisableAsync(accountId, token, days, now, cancellation))
            {
                disabled++;
            }
        }

        return disabled;
    }

    private async Task AskForRotationAsync(string accountId, int days, IReadOnlyCollection<Found> tokens, DateTime now, CancellationToken cancellation)
    {
        var told = await ReadNoticesAsync(accountId, tokens.Select(token => token.RotationKey(now, days)), cancellation);
        foreach (var token in tokens.Where(token => !told.ContainsKey(token.RotationKey(now, days))))
            await TellAsync(accountId, token, "rotation", token.RotationKey(now, days), isUrgent: false, now, new() { ["days"] = days }, cancellation);
    }

    private async Task<Dictionary<string, DateTime>> ReadNoticesAsync(string accountId, IEnumerable<string> keys, CancellationToken cancellation)
    {
        var wanted = keys.ToArray();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Notices.Where(notice => notice.AccountId == accountId && EF.Parameter(wanted).Contains(notice.Key))
            .ToDictionaryAsync(notice => notice.Key, notice => notice.At, cancellation);
    }

    private Task TellAsync(
        string accountId, Found token, string kind, string key, bool isUrgent, DateTime now, Dictionary<string, object?> details, CancellationToken cancellation) =>
        writes.RunAsync(async turn =>
        {
            await using var context = await contexts.CreateDbContextAsync(turn);
            await notices.AddAsync(context, new TokenNotice(accountId, token.Id, token.Handle, token.Name, kind, key, isUrgent, details), now, turn);
            try
            {
                await context.SaveChangesAsync(turn);
            }
            catch (DbUpdateException exception) when (DatabaseErrors.IsDuplicate(exception))
            {
                // Another node has told them.
            }
        }, cancellation);

    private Task<bool> DisableAsync(string accountId, Found found, int days, DateTime now, CancellationToken cancellation) =>
        writes.RunAsync(async turn =>
        {
            await using var context = await contexts.CreateDbContextAsync(turn);
            // Again, because it may have been used or changed meanwhile.
            var token = await context.Tokens.Where(PolicyStore.IsIdle(now.AddDays(-days))).SingleOrDefaultAsync(token => token.Id == found.Id, turn);
            if (token is null)
                return false;
            var actor = Actor.OfPortal(accountId);
            token.Status = StoredStatus.Inactive;
            (token.UpdatedAt, token.UpdatedById, token.UpdatedByName, token.Version) = (now, actor.Id, actor.Name, Guid.CreateVersion7());
            audit.Add(context, actor, TokenAction.Disable.AuditCode, token.Handle, token.Name, new Dictionary<string, object?> { ["idle_days"] = days });
            try
            {
                await context.SaveChangesAsync(turn);
                return true;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Someone else changed it, or another node disabled it.
                return false;
            }
            finally
            {
                // Even if the commit failed: its result is unknown then, so caches must read the token again.
                changes.Publish(token.Handle);
            }
        }, cancellation);

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The policies could not be applied to idle tokens and old keys; Portal retries in an hour")]
    private partial void LogFailed(Exception exception);

    private sealed record Found(long Id, string Handle, string Name, DateTime CreatedAt, DateTime UpdatedAt, DateTime? LastUsedAt)
    {
        /// <summary>When the token was last used or changed.</summary>
        public DateTime ActiveAt => Later(UpdatedAt, LastUsedAt ?? CreatedAt);

        /// <summary>Contains the last activity, so that people are told again after the next one.</summary>
        public string IdleKey(bool first) => string.Create(CultureInfo.InvariantCulture, $"idle:{Id}:{(first ? 7 : 1)}:{ActiveAt.Ticks / TimeSpan.TicksPerSecond}");

        /// <summary>Repeats as often as a new key is required.</summary>
        public string RotationKey(DateTime now, int days) => string.Create(CultureInfo.InvariantCulture, $"rotation:{Id}:{now.Ticks / TimeSpan.TicksPerDay / days}");
    }
}
