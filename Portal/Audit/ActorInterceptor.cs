using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Checks, when a change is saved, that the sessions of its actors haven't ended since the call began.</summary>
/// <remarks>A service checks its actor first. Its change can then wait for its turn behind the one that disables the actor. The audit entries name the
/// actors of all changes.</remarks>
/// <param name="services">The access control itself reads through a context, which is created with this interceptor.</param>
internal sealed class ActorInterceptor(IServiceProvider services, AuditLog audit) : SaveChangesInterceptor
{
    /// <exception cref="SessionEndedException">The session of an actor has ended. Nothing is saved.</exception>
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var actors = eventData.Context!.ChangeTracker.Entries<AuditEntry>()
            .Where(entry => entry.State == EntityState.Added)
            .Select(entry => audit.FindActor(entry.Entity))
            .OfType<Actor>()
            .Where(actor => actor.SecurityStamp is not null)
            .DistinctBy(actor => (actor.Id, actor.SessionId, actor.SecurityStamp));
        foreach (var actor in actors)
            if (!await services.GetRequiredService<AccessControl>().IsCurrentAsync(actor, cancellationToken))
                throw new SessionEndedException();
        return result;
    }
}
