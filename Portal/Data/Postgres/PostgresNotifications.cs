using System.Data.Common;
using Npgsql;
using Portal.Data.Nodes;

namespace Portal.Data.Postgres;

/// <summary>Sends and receives notifications with <c>NOTIFY</c> and <c>LISTEN</c>, on a connection that is used for nothing else.</summary>
/// <remarks>A pooler gives the connection of a transaction to others afterwards, and would have to remember what <c>LISTEN</c> said. Behind one, and with a
/// server that lacks the statement, this node doesn't listen.</remarks>
/// <param name="wake">Lets the follower of this node read the changes.</param>
internal sealed partial class PostgresNotifications(string connectionString, Action wake, TimeProvider clock, ILogger<PostgresNotifications> logger)
    : BackgroundService, IChangeNotifications
{
    private const string Channel = "portal_changes";
    private const int SecondsBetweenChecks = 10;

    private static readonly TimeSpan BetweenConnections = TimeSpan.FromSeconds(5);

    private readonly string _sender = Guid.CreateVersion7().ToString("N");
    private volatile bool _isListening;

    /// <inheritdoc/>
    public bool IsListening => _isListening;

    /// <inheritdoc/>
    public async Task SendAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = PostgresDatabase.Connect(connectionString);
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand("SELECT pg_notify(@channel, @sender)", ("@channel", Channel), ("@sender", _sender));
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception exception) when (exception is DbException or OperationCanceledException or TimeoutException or IOException)
        {
            LogNotSent(exception.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await ListenAsync(stoppingToken))
                    return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.SyntaxError)
            {
                LogUnsupported();
                return;
            }
            catch (Exception exception) when (exception is DbException or TimeoutException or IOException)
            {
                // The follower reports that the database can't be reached.
                LogInterrupted(exception.Message);
            }
            finally
            {
                _isListening = false;
            }

            await Task.Delay(BetweenConnections, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Listens until the connection fails.</summary>
    /// <returns>False if the connection leads to a pooler.</returns>
    private async Task<bool> ListenAsync(CancellationToken stopping)
    {
        await using var connection = PostgresDatabase.ConnectToListen(connectionString, SecondsBetweenChecks);
        await connection.OpenAsync(stopping);
        await using (var command = connection.CreateCommand("SELECT pg_backend_pid()"))
            if (await command.ExecuteScalarAsync(stopping) is not int process || process != connection.ProcessID)
            {
                LogPooler();
                return false;
            }

        connection.Notification += (_, notification) =>
        {
            if (notification.Payload != _sender)
                wake();
        };
        await using (var command = connection.CreateCommand($"LISTEN {Channel}"))
            await command.ExecuteNonQueryAsync(stopping);
        _isListening = true;
        // Changes before this moment sent their notification to others only.
        wake();
        while (true)
            await connection.WaitAsync(stopping);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Portal reaches PostgreSQL through a pooler, so this node receives no notifications of changes. It reads the changes of other nodes every 200 milliseconds")]
    private partial void LogPooler();

    [LoggerMessage(Level = LogLevel.Information, Message = "The database server has no notifications. This node reads the changes of other nodes every 200 milliseconds")]
    private partial void LogUnsupported();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Other nodes were not notified of a change: {Reason}")]
    private partial void LogNotSent(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The connection for notifications of changes failed: {Reason}")]
    private partial void LogInterrupted(string reason);
}
