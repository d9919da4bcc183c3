using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Data;

namespace Portal.Access;

/// <summary>Publishes every change of a user, their role, their sessions or their second factors through a <see cref="PortalDbContext"/> to <see cref="UserChanges"/>.</summary>
internal sealed class UserChangeInterceptor(UserChanges changes) : SaveChangesInterceptor
{
    private readonly ConditionalWeakTable<DbContext, string[]> _changing = [];

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Collect(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Collect(eventData.Context!);
        return new(result);
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Tell(eventData.Context!);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Tell(eventData.Context!);
        return new(result);
    }

    private void Collect(DbContext context)
    {
        string[] ids =
        [
            .. context.ChangeTracker.Entries<PortalUser>().Where(IsChanged).Select(entry => entry.Entity.Id),
            .. context.ChangeTracker.Entries<UserSession>().Where(IsChanged).Select(entry => entry.Entity.UserId),
            .. context.ChangeTracker.Entries<IdentityUserRole<string>>().Where(IsChanged).Select(entry => entry.Entity.UserId),
            .. context.ChangeTracker.Entries<UserSecondFactor>().Where(IsChanged).Select(entry => entry.Entity.UserId),
            .. context.ChangeTracker.Entries<IdentityUserPasskey<string>>().Where(IsChanged).Select(entry => entry.Entity.UserId),
        ];
        if (ids.Length > 0)
            _changing.AddOrUpdate(context, ids);
    }

    private void Tell(DbContext context)
    {
        if (!_changing.TryGetValue(context, out var ids))
            return;
        _changing.Remove(context);
        foreach (var id in ids.Distinct())
            changes.Publish(id);
    }

    private static bool IsChanged(Microsoft.EntityFrameworkCore.ChangeTracking.EntityEntry entry) =>
        entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted;
}
