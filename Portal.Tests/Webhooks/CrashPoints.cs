using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;

namespace Portal.Tests.Webhooks;

/// <summary>Fails at the chosen point of the coming writes, before or after a commit, as if the process ended there. After that, nothing more is
/// written until <see cref="Restart"/>.</summary>
internal sealed class CrashPoints : DbTransactionInterceptor
{
    private int _left = int.MaxValue;
    private bool _isDead;

    public void Register(IServiceCollection services) =>
        services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(this), ServiceLifetime.Singleton);

    /// <param name="point">From 0. Even points are before a commit, odd ones after it.</param>
    public void CrashAt(int point) => _left = point;

    public void Restart() => (_left, _isDead) = (int.MaxValue, false);

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Pass();
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Pass();
        return Task.CompletedTask;
    }

    private void Pass()
    {
        _isDead |= _left-- == 0;
        if (_isDead)
            throw new CrashException();
    }
}

internal sealed class CrashException() : Exception("The process ends here.");
