using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Notices;

/// <summary>Someone who gets notices by mail.</summary>
/// <param name="UserId">Null: the address isn't that of a user.</param>
internal sealed record NoticeReader(string Email, string? UserId, NoticeDigest Digest, string? TimeZone)
{
    public IReadOnlySet<string> Muted { get; init; } = new HashSet<string>();
}

/// <summary>Finds who is told about tokens: the contact and the owner, or without either the administrators, and the administrators who want to be told
/// about all tokens.</summary>
internal sealed class ReaderFinder(TimeProvider clock)
{
    /// <param name="tokens">Tokens of the account.</param>
    /// <returns>The readers by the ID of the token. People who muted the kind are left out.</returns>
    public async Task<ILookup<long, NoticeReader>> FindAsync(
        PortalDbContext context, string accountId, string kind, IReadOnlyCollection<(long TokenId, string? Contact, int? OwnerId)> tokens, CancellationToken cancellation)
    {
        var ownerIds = tokens.Select(token => token.OwnerId).OfType<int>().Distinct().ToArray();
        var contacts = tokens.Select(token => token.Contact).OfType<string>().Select(Normalize).Distinct().ToArray();
        var owners = await context.TokenOwners.AsNoTracking().Where(owner => ownerIds.Contains(owner.Id) && owner.UserId != null)
            .ToDictionaryAsync(owner => owner.Id, owner => owner.UserId!, cancellation);
        var people = await ReadPeopleAsync(context, accountId, owners.Values, contacts, cancellation);
        var byId = people.ToDictionary(person => person.Id);
        var byEmail = people.DistinctBy(person => person.EmailKey).ToDictionary(person => person.EmailKey);
        var administrators = people.Where(person => person is { IsAdministrator: true, CanRead: true }).ToArray();

        IEnumerable<NoticeReader> Of((long TokenId, string? Contact, int? OwnerId) token)
        {
            var told = new List<Person>();
            NoticeReader? outside = null;
            if (token.Contact is { } contact && !byEmail.TryGetValue(Normalize(contact), out var user))
                outside = new NoticeReader(contact, null, NoticeDigest.Off, null);
            else if (token.Contact is { } known && byEmail[Normalize(known)] is { CanRead: true } person)
                told.Add(person);
            if (token.OwnerId is { } id && owners.TryGetValue(id, out var ownerId) && byId.TryGetValue(ownerId, out var owner) && owner.CanRead)
                told.Add(owner);
            told.AddRange(told.Count == 0 && outside is null ? administrators : administrators.Where(administrator => administrator.WantsAll));
            var readers = told.DistinctBy(person => person.Id).Select(person => person.Reader).Where(reader => !reader.Muted.Contains(kind));
            return outside is null ? readers : readers.Prepend(outside);
        }

        return tokens.SelectMany(token => Of(token), (token, reader) => (token.TokenId, reader)).ToLookup(pair => pair.TokenId, pair => pair.reader);
    }

    /// <summary>The administrators, without those who muted the kind.</summary>
    public async Task<IReadOnlyCollection<NoticeReader>> FindAdministratorsAsync(PortalDbContext context, string accountId, string kind, CancellationToken cancellation) =>
        [.. (await ReadPeopleAsync(context, accountId, [], [], cancellation)).Where(person => person is { IsAdministrator: true, CanRead: true }).Select(person => person.Reader).Where(reader => !reader.Muted.Contains(kind))];

    /// <summary>A user; none if they muted the kind, or can't sign in.</summary>
    public async Task<IReadOnlyCollection<NoticeReader>> FindUserAsync(PortalDbContext context, string accountId, string userId, string kind, CancellationToken cancellation) =>
        [.. (await ReadPeopleAsync(context, accountId, [userId], [], cancellation)).Where(person => person.Id == userId && person.CanRead).Select(person => person.Reader).Where(reader => !reader.Muted.Contains(kind))];

    private async Task<List<Person>> ReadPeopleAsync(
        PortalDbContext context, string accountId, IEnumerable<string> owners, string[] contacts, CancellationToken cancellation)
    {
        var (ownerIds, administrator, now) = (owners.Distinct().ToArray(), nameof(Role.Administrator), clock.GetUtcNow());
        var rows = await (
            from user in context.Users.AsNoTracking()
            where user.AccountId == accountId && user.Email != null
            let isAdministrator = context.UserRoles.Any(held => held.UserId == user.Id && held.RoleId == administrator)
            where isAdministrator || ownerIds.Contains(user.Id) || contacts.Contains(user.NormalizedEmail!)
            join settings in context.NoticeSettings on user.Id equals settings.UserId into found
            from settings in found.DefaultIfEmpty()
            orderby user.Id
            select new { user.Id, user.Email, user.NormalizedEmail, user.TimeZone, user.LockoutEnabled, user.LockoutEnd, IsAdministrator = isAdministrator, Settings = settings })
            .ToListAsync(cancellation);
        return [.. rows.Select(row => new Person(
            row.Id, row.NormalizedEmail ?? Normalize(row.Email!), row.IsAdministrator, CanRead: !(row.LockoutEnabled && row.LockoutEnd > now),
            WantsAll: row.Settings?.AllTokens is true,
            new NoticeReader(row.Email!, row.Id, row.Settings?.Digest ?? NoticeDigest.Off, row.TimeZone) { Muted = MutedKinds.Parse(row.Settings?.Muted) }))];
    }

    /// <summary>As ASP.NET Core Identity normalizes addresses.</summary>
    private static string Normalize(string email) => email.Normalize().ToUpperInvariant();

    private sealed record Person(string Id, string EmailKey, bool IsAdministrator, bool CanRead, bool WantsAll, NoticeReader Reader);
}

/// <summary>The kinds of notices that a user doesn't want by mail, as they are stored.</summary>
internal static class MutedKinds
{
    public static IReadOnlySet<string> Parse(string? stored) =>
        (stored ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);

    public static string Write(IEnumerable<string> kinds) => string.Join(',', NoticeKind.All.Intersect(kinds));
}
