using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <param name="WrongTrims">The IDs of the last entries of removals that the log doesn't record, or records differently.</param>
public sealed record AuditState(AuditChainState Chain, IReadOnlyList<long> WrongTrims);

/// <summary>Checks for administrators that no entry was changed or removed.</summary>
public sealed class AuditChecker(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <param name="progress">Receives the part of the log that is checked, from 0 to 1.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<AuditState> CheckAsync(Actor actor, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return new AuditState(await AuditChain.CheckAsync(context, progress, cancellation), await AuditTrims.FindWrongAsync(context, cancellation));
    }
}
