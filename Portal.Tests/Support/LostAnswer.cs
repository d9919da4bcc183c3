using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;

namespace Portal.Tests.Support;

/// <summary>Commits a change and then fails, so that the caller doesn't learn the result.</summary>
internal sealed class LostAnswer : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private bool _armed, _commitArmed;

    /// <summary>Call it among the registrations of a portal.</summary>
    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    public void LoseNext() => _armed = true;

    /// <summary>For a change that commits its own transaction.</summary>
    public void LoseNextCommit() => _commitArmed = true;

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (!_armed)
            return ValueTask.FromResult(result);
        _armed = false;
        throw new TimeoutException("the answer is lost");
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (!_commitArmed)
            return Task.CompletedTask;
        _commitArmed = false;
        throw new TimeoutException("the answer is lost");
    }
}
