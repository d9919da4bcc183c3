using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Writes the newest hash of the audit log once an hour to Portal's log, which is usually stored elsewhere, and to a file. <c>Portal audit verify --expect</c>
/// compares with it, so that removed entries show, too.</summary>
public sealed partial class AuditAnchor(IDbContextFactory<PortalDbContext> contexts, TimeProvider clock, IOptions<AuditOptions> options, ILogger<AuditAnchor> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private AuditHead? _last;

    /// <summary>Writes the newest hash, unless it is that of the last time.</summary>
    internal async Task WriteAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await AuditChain.FindHeadAsync(context, cancellation) is not { } head || head == _last)
            return;
        LogHead(head.Id, head.Hash);
        if (options.Value.AnchorFile is { Length: > 0 } file)
            await File.AppendAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'} {head.Id}:{head.Hash}\n"), cancellation);
        _last = head;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hash of the audit log could not be read, or written to Audit:AnchorFile. Portal retries in an hour")]
    private partial void LogNotRead(Exception exception);
}
