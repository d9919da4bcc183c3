using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Accounts.Users;

/// <param name="AccountId">The account of the user.</param>
public sealed record FoundUser(string Id, string AccountId);

/// <summary>Finds users and accounts for an operator, who has no account. Anyone who can call it can already read the database.</summary>
internal sealed class UserLookup(IDbContextFactory<PortalDbContext> contexts, ILookupNormalizer normalizer)
{
    /// <summary>Lists the IDs of the accounts, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> AccountsAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Accounts.OrderBy(account => account.CreatedAt).ThenBy(account => account.Id).Select(account => account.Id).ToListAsync(cancellation);
    }

    /// <returns>Null: no user has the address.</returns>
    public async Task<FoundUser?> FindAsync(string email, CancellationToken cancellation = default)
    {
        var normalized = normalizer.NormalizeEmail(email.Trim());
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Users.Where(user => user.NormalizedEmail == normalized).Select(user => new FoundUser(user.Id, user.AccountId)).SingleOrDefaultAsync(cancellation);
    }
}
