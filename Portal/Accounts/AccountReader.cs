using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>An account, as anyone who belongs to it may see it.</summary>
/// <param name="CreatedAt">UTC.</param>
public sealed record AccountSummary(string Id, string Name, DateTime CreatedAt);

/// <summary>Reads accounts.</summary>
public sealed class AccountReader(IDbContextFactory<PortalDbContext> contexts)
{
    /// <summary>Null: there is no such account.</summary>
    public async Task<AccountSummary?> FindAsync(string accountId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Accounts.AsNoTracking()
            .Where(account => account.Id == accountId)
            .Select(account => new AccountSummary(account.Id, account.Name, account.CreatedAt))
            .SingleOrDefaultAsync(cancellation);
    }
}
