using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>An account, as its users and tokens see it.</summary>
/// <param name="CreatedAt">UTC.</param>
public sealed record AccountSummary(string Id, string Name, DateTime CreatedAt);

/// <summary>Reads accounts.</summary>
public sealed class AccountReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <summary>Finds the actor's account; null: it no longer exists.</summary>
    public async Task<AccountSummary?> FindAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Accounts.AsNoTracking()
            .Where(account => account.Id == actor.AccountId)
            .Select(account => new AccountSummary(account.Id, account.Name, account.CreatedAt))
            .SingleOrDefaultAsync(cancellation);
    }
}
