using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;

namespace Portal.Tests.Api.Idempotency;

/// <summary>Intercepts the saving of a call that is to be remembered: delays it, or fails right after the commit, as if the process had ended
/// there.</summary>
internal sealed class RememberedSaves : SaveChangesInterceptor
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Saving continues when this has completed.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public bool FailAfterCommit { get; set; }

    /// <summary>Completes when the first one is about to be saved.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Call it among the registrations of a portal.</summary>
    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (IsAbout(eventData))
        {
            _reached.TrySetResult();
            await Gate;
        }

        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        FailAfterCommit && IsAbout(eventData) ? throw new InvalidOperationException("This is where the process would have ended.") : new(result);

    private static bool IsAbout(DbContextEventData data) => data.Context!.ChangeTracker.Entries<IdempotentResponse>().Any();
}
