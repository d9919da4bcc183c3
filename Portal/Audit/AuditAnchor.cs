using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Writes the newest hash of the audit log to Portal's log once an hour, which is usually stored elsewhere. <c>Portal audit verify --expect</c>
/// compares with it, so that removed entries show, too.</summary>
public sealed partial class AuditAnchor(IDbContextFactory<PortalDbContext> contexts, TimeProvider clock, ILogger<AuditAnchor> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private AuditHead? _last;

    /// <summary>Writes the newest hash, unless it is that of the last time.</summary>
    internal async Task WriteAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await AuditChain.FindHeadAsync(context, cancellation) is not { } head || head == _last)
            return;
        _last = head;
        LogHead(head.Id, head.Hash);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotRead(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Audit log: the hash of entry {Id} is {Hash}")]
    private partial void LogHead(long id, string hash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hash of the audit log could not be read. Portal retries in an hour")]
    private partial void LogNotRead(Exception exception);
}
