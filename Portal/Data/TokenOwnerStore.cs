using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Localization;

namespace Portal.Data;

/// <summary>The owner of a token, for people.</summary>
/// <param name="Name">The current name of the user or team; of a removed user, the last one.</param>
/// <param name="Code">The <see cref="OwnerChoice.Code"/>; null: the user was removed.</param>
public sealed record OwnerName(string Name, string? Code)
{
    /// <summary>Whether nobody is responsible anymore, because the user was removed.</summary>
    public bool IsFormer => Code is null;
}

/// <summary>Finds and adds <see cref="TokenOwner"/>s. Callers check access, and change them in the <see cref="WriteQueue"/>.</summary>
public static class TokenOwnerStore
{
    /// <summary>Checks that the user exists or the name of the team is valid.</summary>
    /// <returns>The error message; null: valid.</returns>
    internal static async Task<string?> CheckAsync(PortalDbContext context, string accountId, OwnerChoice choice, CancellationToken cancellation)
    {
        if (choice.Team is { } team)
            return CheckTeam(team);
        return choice.UserId is { } id && !await context.Users.AnyAsync(user => user.Id == id && user.AccountId == accountId, cancellation) ? Texts.Owner_Gone : null;
    }

    /// <returns>The error message; null: valid.</returns>
    public static string? CheckTeam(string name) =>
        name.Length == 0 ? Texts.Owner_TeamMissing
        : TextRules.Check(name, Texts.Owner_Team, TokenOwner.NameLength);

    /// <summary>Returns the ID of the owner, which is added to the context if it is new.</summary>
    /// <param name="choice">A valid one, see <see cref="CheckAsync"/>.</param>
    /// <returns>Null: no owner.</returns>
    internal static async Task<int?> FindOrAddAsync(PortalDbContext context, string accountId, OwnerChoice choice, CancellationToken cancellation)
    {
        if (choice == OwnerChoice.None)
            return null;
        var key = choice.Team is { } team ? OwnerChoice.TeamKey(team) : null;
        var known = choice.UserId is { } id
            ? context.TokenOwners.Where(owner => owner.UserId == id && owner.AccountId == accountId)
            : context.TokenOwners.Where(owner => owner.AccountId == accountId && owner.TeamKey == key);
        if (await known.OrderBy(owner => owner.Id).Select(owner => (int?)owner.Id).FirstOrDefaultAsync(cancellation) is { } found)
            return found;
        var name = choice.Team ?? await context.Users.Where(user => user.Id == choice.UserId).Select(user => user.DisplayName).SingleAsync(cancellation);
        var added = new TokenOwner { Id = RandomNumberGenerator.GetInt32(1, int.MaxValue), AccountId = accountId, UserId = choice.UserId, Name = name, TeamKey = key };
        context.TokenOwners.Add(added);
        return added.Id;
    }

    /// <summary>Reads the names of owners.</summary>
    internal static async Task<IReadOnlyDictionary<int, OwnerName>> ReadAsync(PortalDbContext context, IReadOnlyCollection<int> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
            return new Dictionary<int, OwnerName>();
        var wanted = ids.Distinct().ToArray();
        var rows =
            from owner in context.TokenOwners
            where EF.Parameter(wanted).Contains(owner.Id)
            join user in context.Users on owner.UserId equals user.Id into users
            from user in users.DefaultIfEmpty()
            select new { owner.Id, owner.Name, owner.UserId, owner.TeamKey, UserName = (string?)user.DisplayName };
        return (await rows.ToListAsync(cancellation)).ToDictionary(
            row => row.Id,
            row => new OwnerName(
                row.UserName ?? row.Name,
                row.UserId is { } id ? OwnerChoice.OfUser(id).Code : row.TeamKey is not null ? OwnerChoice.OfTeam(row.Name).Code : null));
    }
}
