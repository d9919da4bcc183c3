using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Portal.Authentication.SharedLimits;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Nodes;
using Portal.Gateway.Assertions;
using Portal.Notices;
using Portal.Statistics;

namespace Portal.Hosting;

/// <summary>Health checks for supervisors and load balancers: whether the process runs, and whether it can serve requests.</summary>
internal static class HealthExtensions
{
    private const string LivePath = "/health/live", ReadyPath = "/health/ready";

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        // A server that doesn't answer must not make load balancers wait. A file may be locked for some seconds.
        var longestWrite = TimeSpan.FromSeconds(DatabaseChoice.Load(builder.Configuration).IsPostgres ? 2 : 5);
        builder.Services.AddSingleton<KeyRingCheck>();
        builder.Services.AddSingleton<IEncryptedValues, EncryptedProof>();
        builder.Services.AddHealthChecks()
            .AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(5))
            .AddCheck<WritingHealth>("writing", failureStatus: HealthStatus.Degraded, timeout: longestWrite)
            .AddCheck<DamageHealth>("damage")
            .AddCheck<CountingHealth>("counting")
            .AddCheck<ClockHealth>("clock")
            .AddCheck<KeyHealth>("keys")
            .AddCheck<LimitStoreHealth>("rate limits")
            .AddCheck<LeaseHealth>("lease")
            .AddCheck<NoticeHealth>("notices");
    }

    /// <summary>Maps the health checks for anyone who can connect. A response is a single word, or if that isn't enough, a reason without names or
    /// addresses.</summary>
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        var ready = app.MapHealthChecks(ReadyPath, new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
        var drain = app.ServiceProvider.GetRequiredService<NodeDrain>();
        // Not a check: its failures are logged as errors.
        ready.Add(endpoint =>
        {
            var check = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => drain.HasBegun ? RefuseAsync(context) : check(context);
        });
    }

    /// <summary>Everything is still served, but load balancers must choose another node before this one closes its connections.</summary>
    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        return context.Response.WriteAsync("Unhealthy\nThis node is about to stop.", context.RequestAborted);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        IEnumerable<string> matters = report.Entries.Values
            // Exception messages are for the log only.
            .Where(entry => entry.Status != HealthStatus.Healthy && entry.Exception is null)
            .Select(entry => entry.Description)
            .OfType<string>()
            .Distinct();
        return context.Response.WriteAsync(string.Join('\n', matters.Prepend(report.Status.ToString())), context.RequestAborted);
    }

    /// <summary>Without the database no unknown key can be verified and nobody can sign in. A node that accepts keys by a lease continues with those that it
    /// knows, so load balancers must not turn it off before its lease ends.</summary>
    private sealed class DatabaseHealth(IDbContextFactory<PortalDbContext> contexts, NodeLease lease, IConfiguration configuration) : IHealthCheck
    {
        /// <summary>Shorter than the patience of load balancers.</summary>
        private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(1);

        private readonly bool _servesKeys = ProcessRoleSetting.Load(configuration) != ProcessRole.Screens;

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await (lease.IsShared ? LimitedRead.RunAsync(ReadAsync, LongestRead, TimeProvider.System, cancellationToken) : ReadAsync(cancellationToken));
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (lease is { IsShared: true, IsTrusted: true } && _servesKeys && DatabaseErrors.Find(exception) is not null)
            {
                return HealthCheckResult.Degraded("The database server does not answer. This node accepts the keys that it knows.");
            }
        }

        private async Task<bool> ReadAsync(CancellationToken cancellation)
        {
            await using var database = await contexts.CreateDbContextAsync(cancellation);
            return await database.Accounts.AnyAsync(cancellation);
        }
    }

    /// <summary>The data in the database isn't reliable, and every write can damage it further.</summary>
    private sealed class DamageHealth(DatabaseDamage damage, IntegrityCheck integrity) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            integrity.CheckIfQuick();
            return Task.FromResult(damage.IsFound
                ? HealthCheckResult.Unhealthy("The database file is damaged: restore it from a backup.")
                : HealthCheckResult.Healthy());
        }
    }

    /// <summary>Requests are checked by a clock that may be wrong.</summary>
    private sealed class ClockHealth(MonotonicClock clock) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(clock.IsSuspect()
                ? HealthCheckResult.Degraded($"The system clock has jumped ahead: correct it, or restart Portal with {ClockKeeper.AcceptOption}.")
                : HealthCheckResult.Healthy());
    }

    /// <summary>Keys are verified without them, but viewing keys, signing in and signed assertions are affected.</summary>
    private sealed class KeyHealth(KeyRingCheck ring, AssertionKeys assertions) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(ring.IsLost ? HealthCheckResult.Degraded("Stored keys cannot be decrypted: restore the key ring from the backup.")
                : assertions.IsFailing ? HealthCheckResult.Degraded("The key that signs assertions cannot be renewed.")
                : HealthCheckResult.Healthy());
    }

    /// <summary>Requests with known keys are served while the database cannot be written, but nothing can be changed.</summary>
    private sealed class WritingHealth(WriteProbe probe) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await probe.FindFaultAsync(cancellationToken) is { } fault
                ? HealthCheckResult.Degraded($"{fault.What}. {fault.Remedy}.")
                : HealthCheckResult.Healthy();
    }

    /// <summary>Requests are served, but each reads the database.</summary>
    private sealed class LeaseHealth(NodeLease lease) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lease.IsTrusted
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("This node does not know the changes of the other nodes, and reads the database for each request. Its log says why."));
    }

    /// <summary>Requests are served while counts cannot be written, but somebody should look: the disk may be full.</summary>
    private sealed class CountingHealth(CountWriter writer) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(writer.IsFailing ? HealthCheckResult.Degraded("Statistics cannot be written. Portal's log says why.") : HealthCheckResult.Healthy());
    }

    /// <summary>Requests are served, but nobody is told by mail that tokens expire.</summary>
    private sealed class NoticeHealth(NoticeMailStatus status) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(status.Reason is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Notices cannot be mailed. Portal's log says why."));
    }

    /// <summary>Requests are served, but each node decides alone.</summary>
    private sealed class LimitStoreHealth(LimitExchange exchange) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(exchange.IsReachable ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The store of the rate limits can't be reached: each node applies its share of each limit."));
    }
}
