using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Reads the audit log, newest entries first.</summary>
/// <remarks>The log can have millions of entries, and a page takes the same time anywhere in it. One filter is answered by an index in the order of the
/// page. With several, the one that finds the fewest entries selects <see cref="WindowSize"/> of them at a time, which are compared with the others. A
/// search ends after <see cref="MostWindows"/> of these and can be continued, so that rare combinations take no longer.</remarks>
public sealed class AuditReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <summary>The number of entries on a page.</summary>
    public const int PageSize = 50;

    internal const int WindowSize = 1_000, MostWindows = 5;

    /// <summary>Reads a page of the entries of the account.</summary>
    /// <param name="after">The entry after which the page begins; null: the newest entry.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<AuditSlice> ListAsync(Actor actor, AuditFilter filter, AuditCursor? after = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await FindAsync(context, actor.AccountId, filter, after, PageSize, cancellation);
        return new AuditSlice([.. found.Entries.Select(entry => Describe(entry, withAddress: true))], found.Next, found.IsPartial);
    }

    /// <summary>Reads a page of what was done to a token. Viewers see it without the addresses of people.</summary>
    /// <inheritdoc cref="ListAsync"/>
    public async Task<AuditSlice> ListOfTokenAsync(Actor actor, string handle, AuditCursor? after = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await FindAsync(context, actor.AccountId, new AuditFilter { TargetId = handle }, after, PageSize, cancellation);
        return new AuditSlice([.. found.Entries.Select(entry => Describe(entry, actor.May(Role.Operator)))], found.Next, found.IsPartial);
    }

    /// <summary>Finds the person or token that a text names: an ID, a handle, an email address, or a name.</summary>
    /// <returns>Null: there is none.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<AuditParty?> FindPartyAsync(Actor actor, string text, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        if (text.Trim() is not { Length: > 0 } wanted)
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var (account, upper) = (actor.AccountId, wanted.ToUpperInvariant());
        var entries = context.AuditEntries.AsNoTracking().Where(entry => entry.AccountId == account);
        if (await entries.Where(entry => entry.ActorId == wanted).OrderByDescending(entry => entry.At).Select(entry => new { entry.ActorKind, entry.ActorName }).FirstOrDefaultAsync(cancellation) is { } by)
            return new AuditParty(by.ActorKind, wanted, by.ActorName);
        if (await entries.Where(entry => entry.TargetId == wanted).OrderByDescending(entry => entry.At).Select(entry => entry.TargetName).FirstOrDefaultAsync(cancellation) is { } name)
            return new AuditParty("", wanted, name);
        if (await context.Users.AsNoTracking().Where(user => user.AccountId == account && (user.NormalizedEmail == upper || DatabaseText.Upper(user.DisplayName) == upper))
                .OrderBy(user => user.Id).Select(user => new { user.Id, user.DisplayName }).FirstOrDefaultAsync(cancellation) is { } person)
            return new AuditParty("user", person.Id, person.DisplayName);
        return await context.Tokens.AsNoTracking().Where(token => token.AccountId == account && token.DeletedAt == null && token.NameKey == upper)
            .Select(token => new { token.Handle, token.Name }).FirstOrDefaultAsync(cancellation) is { } known
            ? new AuditParty("token", known.Handle, known.Name)
            : null;
    }

    /// <summary>Reads up to <paramref name="size"/> entries.</summary>
    internal static async Task<(List<AuditEntry> Entries, AuditCursor? Next, bool IsPartial)> FindAsync(
        PortalDbContext context, string account, AuditFilter filter, AuditCursor? after, int size, CancellationToken cancellation)
    {
        var all = context.AuditEntries.AsNoTracking().Where(entry => entry.AccountId == account);
        var conditions = await OrderAsync(all, filter, cancellation);
        var chosen = conditions is [var first, ..] ? all.Where(first) : all;
        if (after?.At >= filter.To)
            after = null;
        List<AuditEntry> found = [];
        if (conditions.Count <= 1)
        {
            found = await From(chosen, filter, after).Take(size + 1).ToListAsync(cancellation);
            return Page(found, size, null);
        }

        for (var window = 0; window < MostWindows; window++)
        {
            var searched = From(chosen, filter, after);
            var matching = conditions.Skip(1).Aggregate(searched.Take(WindowSize), (entries, condition) => entries.Where(condition));
            found.AddRange(await Ordered(matching).Take(size + 1 - found.Count).ToListAsync(cancellation));
            var end = await searched.Skip(WindowSize - 1).Select(entry => new { entry.At, entry.Id }).FirstOrDefaultAsync(cancellation);
            if (found.Count > size || end is null)
                return Page(found, size, null);
            after = new AuditCursor(end.At, end.Id);
        }

        return Page(found, size, after);
    }

    private static (List<AuditEntry> Entries, AuditCursor? Next, bool IsPartial) Page(List<AuditEntry> found, int size, AuditCursor? searched)
    {
        if (found.Count <= size)
            return (found, searched, searched is not null);
        found.RemoveRange(size, found.Count - size);
        return (found, new AuditCursor(found[^1].At, found[^1].Id), false);
    }

    /// <returns>The conditions of the filter, except its time; the one that finds the fewest entries first.</returns>
    private static async Task<List<Expression<Func<AuditEntry, bool>>>> OrderAsync(IQueryable<AuditEntry> all, AuditFilter filter, CancellationToken cancellation)
    {
        List<Expression<Func<AuditEntry, bool>>> conditions = [];
        if (filter.TargetId is { } target)
            conditions.Add(entry => entry.TargetId == target);
        if (filter.Address is { } address)
            conditions.Add(entry => entry.Address == address);
        if (filter.ActorId is { } actor)
            conditions.Add(entry => entry.ActorId == actor);
        if (filter.Action is { } action)
            conditions.Add(entry => entry.Action == action);
        if (conditions.Count <= 1)
            return conditions;
        List<(int Count, Expression<Func<AuditEntry, bool>> Condition)> counted = [];
        foreach (var condition in conditions)
            counted.Add((await Within(all.Where(condition), filter).OrderBy(entry => entry.At).Take(WindowSize).CountAsync(cancellation), condition));
        return [.. counted.OrderBy(each => each.Count).Select(each => each.Condition)];
    }

    private static IQueryable<AuditEntry> Within(IQueryable<AuditEntry> entries, AuditFilter filter)
    {
        if (filter.From is { } from)
            entries = entries.Where(entry => entry.At >= from);
        if (filter.To is { } to)
            entries = entries.Where(entry => entry.At < to);
        return entries;
    }

    private static IQueryable<AuditEntry> From(IQueryable<AuditEntry> entries, AuditFilter filter, AuditCursor? after)
    {
        if (after is not { At: var at, Id: var id })
            return Ordered(Within(entries, filter));
        // The comparison of the time alone bounds the search in the index. Of two upper bounds, SQLite uses only one, so the end of the filter, which is
        // later, is left out: otherwise, each page would read all entries of the pages before.
        return Ordered(Within(entries, filter with { To = null }).Where(entry => entry.At <= at && (entry.At < at || entry.Id < id)));
    }

    private static IOrderedQueryable<AuditEntry> Ordered(IQueryable<AuditEntry> entries) => entries.OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Id);

    private static AuditEvent Describe(AuditEntry entry, bool withAddress) => new(
        entry.Id, entry.At, new AuditParty(entry.ActorKind, entry.ActorId, entry.ActorName), entry.Action, entry.TargetId, entry.TargetName,
        withAddress ? entry.Address : null, AuditDetails.Parse(entry.Details));
}
