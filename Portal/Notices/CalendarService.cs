using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Notices;

/// <summary>The calendar of a user.</summary>
/// <param name="CreatedAt">When its address was created, UTC; null: the user has none.</param>
/// <param name="LastReadAt">When a calendar program last read it, UTC; null: never.</param>
public sealed record CalendarState(DateTime? CreatedAt, DateTime? LastReadAt);

/// <summary>The expirations of tokens as a calendar that other programs subscribe to. Whoever knows the secret code in its address can read it.</summary>
public sealed class CalendarService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, AuditLog audit, TimeProvider clock, IOptions<NoticeOptions> options)
{
    /// <summary>The maximum number of expirations in a calendar.</summary>
    public const int Most = 1_000;

    private const int CodeBytes = 32;

    /// <summary>The number of days for which past expirations stay in the calendar.</summary>
    private const int PastDays = 31;

    /// <summary>The time of the last use isn't stored more often.</summary>
    private static readonly TimeSpan BetweenMarks = TimeSpan.FromHours(1);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<CalendarState> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var feed = await context.CalendarFeeds.AsNoTracking().SingleOrDefaultAsync(feed => feed.UserId == actor.Id, cancellation);
        return new CalendarState(feed?.CreatedAt, feed?.LastReadAt);
    }

    /// <summary>Creates a new address. The former one stops working.</summary>
    /// <returns>The path with the code, relative to the address of Portal. It can't be read again.</returns>
    /// <exception cref="ProofNeededException">The address outlives the session, so the person must confirm who they are first.</exception>
    public async Task<string> RenewAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        await ChangeAsync(actor, AuditAction.CalendarRenewed, context => context.CalendarFeeds.Add(new CalendarFeed { UserId = actor.Id, CodeHash = HashOf(code), CreatedAt = Now }), cancellation);
        return $"calendar/{code}.ics";
    }

    /// <summary>Switches the calendar off: its address stops working.</summary>
    public async Task EndAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await ChangeAsync(actor, AuditAction.CalendarEnded, _ => { }, cancellation);
    }

    /// <summary>Writes the calendar of a code.</summary>
    /// <param name="portal">The address of Portal, for links.</param>
    /// <returns>Null: the code is wrong or was replaced, or its user can't sign in anymore.</returns>
    public async Task<CalendarFile?> FindAsync(string code, Uri portal, CancellationToken cancellation = default)
    {
        if (!Base64Url.IsValid(code, out var length) || length != CodeBytes)
            return null;
        var hash = HashOf(code);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await (
            from feed in context.CalendarFeeds.AsNoTracking()
            where feed.CodeHash == hash
            join user in context.Users on feed.UserId equals user.Id
            select new
            {
                Feed = feed, User = user,
                WantsAll = context.NoticeSettings.Any(settings => settings.UserId == user.Id && settings.AllTokens)
                    && context.UserRoles.Any(held => held.UserId == user.Id && held.RoleId == nameof(Role.Administrator)),
            }).SingleOrDefaultAsync(cancellation);
        if (found is null || (found.User.LockoutEnabled && found.User.LockoutEnd > clock.GetUtcNow()))
            return null;
        var (since, account) = (Now.AddDays(-PastDays), found.User.AccountId);
        var tokens = found.WantsAll
            ? context.Tokens.AsNoTracking().Where(token => token.AccountId == account && token.Status != StoredStatus.Deleted && token.ExpiresAt >= since)
            : from owner in context.TokenOwners.AsNoTracking()
              where owner.UserId == found.User.Id
              join token in context.Tokens on (int?)owner.Id equals token.OwnerId
              where token.AccountId == account && token.DeletedAt == null && token.ExpiresAt >= since
              select token;
        var rows = await tokens.OrderBy(token => token.ExpiresAt).Take(Most)
            .Select(token => new CalendarEntry(token.Handle, token.Name, token.ExpiresAt!.Value, token.UpdatedAt, token.Status)).ToListAsync(cancellation);
        if (found.Feed.LastReadAt is not { } read || Now - read >= BetweenMarks)
            await MarkAsync(context, found.User.Id, hash, cancellation);
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Languages.Find(found.User.Language) ?? Languages.Find(options.Value.Language) ?? Languages.Default;
        return CalendarFile.Write(rows.Where(row => row.Status == StoredStatus.Active), portal, found.Feed.CreatedAt);
    }

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.ASCII.GetBytes(code));

    private async Task MarkAsync(PortalDbContext context, string userId, byte[] hash, CancellationToken cancellation)
    {
        var now = Now;
        await writes.RunUpkeepAsync(
            token => context.CalendarFeeds.Where(feed => feed.UserId == userId && feed.CodeHash == hash).ExecuteUpdateAsync(set => set.SetProperty(feed => feed.LastReadAt, now), token),
            cancellation);
    }

    private Task ChangeAsync(Actor actor, string action, Action<PortalDbContext> add, CancellationToken cancellation) => writes.RunAsync(
        async token =>
        {
            await access.RequireOwnAsync(actor, token);
            await using var context = await contexts.CreateDbContextAsync(token);
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            var removed = await context.CalendarFeeds.Where(feed => feed.UserId == actor.Id).ExecuteDeleteAsync(token);
            if (removed == 0 && action == AuditAction.CalendarEnded)
                return;
            add(context);
            audit.Add(context, actor, action, actor.Id, actor.Name);
            await context.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
        },
        cancellation);
}
