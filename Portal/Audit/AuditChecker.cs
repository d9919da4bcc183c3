using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Checks for administrators that no entry was changed or removed.</summary>
public sealed class AuditChecker(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <param name="progress">Receives the part of the log that is checked, from 0 to 1.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<AuditChainState> CheckAsync(Actor actor, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await AuditChain.CheckAsync(context, progress, cancellation);
    }
}
