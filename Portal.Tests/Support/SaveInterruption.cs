using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>Makes another change after a service has read and before it saves.</summary>
internal sealed class SaveInterruption : SaveChangesInterceptor
{
    private readonly Queue<Func<Task>> _interruptions = new();

    /// <summary>Call it among the registrations of a portal.</summary>
    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    public void BeforeNextSave(Func<Task> change) => _interruptions.Enqueue(change);

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (_interruptions.TryDequeue(out var change))
            await change();
        return result;
    }
}
