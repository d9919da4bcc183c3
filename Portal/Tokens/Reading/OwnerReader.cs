using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Reading;

/// <summary>A user or team that can own tokens.</summary>
/// <param name="Code">The <see cref="OwnerChoice.Code"/>; for a removed user that still owns tokens, <c>former:ID</c>.</param>
/// <param name="Email">The address of the user; null: not a user.</param>
public sealed record OwnerOption(string Code, string Name, string? Email)
{
    /// <summary>Whether it is the team of that name.</summary>
    public bool IsTeam => OwnerChoice.Parse(Code).Team is not null;

    /// <summary>Whether it is a removed user.</summary>
    public bool IsFormer => OwnerChoice.Parse(Code) == OwnerChoice.None;
}

/// <summary>Reads who can own tokens of the actor's account, and who does, for any role.</summary>
public sealed class OwnerReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <summary>The value of <see cref="TokenQuery.Owner"/> that finds tokens without an owner, including those of removed users.</summary>
    public const string Nobody = "none";

    /// <summary>The beginning of the code of a removed user.</summary>
    private const string FormerPrefix = "former:";

    /// <summary>The maximum length of a code.</summary>
    internal const int LongestCode = TokenOwner.NameLength + 8;

    /// <summary>Lists all users, then the teams and removed users that own tokens, each in order of name.</summary>
    public async Task<IReadOnlyList<OwnerOption>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var users = await context.Users.AsNoTracking().Where(user => user.AccountId == actor.AccountId)
            .Select(user => new { user.Id, user.DisplayName, user.Email }).ToListAsync(cancellation);
        var others = await context.TokenOwners.AsNoTracking()
            .Where(owner => owner.AccountId == actor.AccountId && owner.UserId == null)
            .Where(owner => context.Tokens.Any(token => token.AccountId == actor.AccountId && token.DeletedAt == null && token.OwnerId == owner.Id))
            .ToListAsync(cancellation);
        var teams = others.Where(owner => owner.TeamKey is not null).DistinctBy(owner => owner.TeamKey).Select(owner => new OwnerOption(OwnerChoice.OfTeam(owner.Name).Code, owner.Name, null));
        var former = others.Where(owner => owner.TeamKey is null).Select(owner => new OwnerOption($"{FormerPrefix}{owner.Id}", owner.Name, null));
        return
        [
            .. users.Select(user => new OwnerOption(OwnerChoice.OfUser(user.Id).Code, user.DisplayName, user.Email)).OrderBy(user => user.Name, NameCollation.ForReader),
            .. teams.OrderBy(team => team.Name, NameCollation.ForReader),
            .. former.OrderBy(owner => owner.Name, NameCollation.ForReader),
        ];
    }

    /// <summary>Counts the tokens of a user that aren't deleted.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<int> CountAsync(Actor actor, string userId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rows = await context.TokenOwners.Where(owner => owner.UserId == userId && owner.AccountId == actor.AccountId).Select(owner => (int?)owner.Id).ToListAsync(cancellation);
        return await context.Tokens.CountAsync(token => token.AccountId == actor.AccountId && token.DeletedAt == null && EF.Parameter(rows).Contains(token.OwnerId), cancellation);
    }

    /// <summary>Whether a text can be a value of <see cref="TokenQuery.Owner"/>.</summary>
    internal static bool IsCode(string text) =>
        text.Length is > 0 and <= LongestCode && !SecretText.Holds(text) && (text == Nobody || OwnerChoice.Parse(text) != OwnerChoice.None || FormerIdOf(text) is not null);

    /// <summary>Finds the owners that a value of <see cref="TokenQuery.Owner"/> stands for.</summary>
    /// <returns>Their IDs, with 0 for tokens without an owner.</returns>
    internal static async Task<IReadOnlySet<int>> FindAsync(PortalDbContext context, string accountId, string code, CancellationToken cancellation)
    {
        var choice = OwnerChoice.Parse(code);
        var key = choice.Team is { } team ? OwnerChoice.TeamKey(team) : null;
        var owners = context.TokenOwners.Where(owner => owner.AccountId == accountId);
        owners = choice.UserId is { } user ? owners.Where(owner => owner.UserId == user)
            : key is not null ? owners.Where(owner => owner.TeamKey == key)
            : FormerIdOf(code) is { } former ? owners.Where(owner => owner.Id == former && owner.UserId == null && owner.TeamKey == null)
            : owners.Where(owner => owner.UserId == null && owner.TeamKey == null);
        var ids = (await owners.Select(owner => owner.Id).ToListAsync(cancellation)).ToHashSet();
        if (code == Nobody)
            ids.Add(0);
        return ids;
    }

    private static int? FormerIdOf(string code) =>
        code.StartsWith(FormerPrefix, StringComparison.Ordinal) && int.TryParse(code.AsSpan(FormerPrefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? id : null;
}
