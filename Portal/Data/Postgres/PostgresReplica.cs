using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Portal.Data.Nodes;

namespace Portal.Data.Postgres;

/// <summary>Reads credentials from a standby server, as long as it isn't behind what this node knows.</summary>
/// <remarks>The standby says up to which change its data goes. If the node has applied a later change, the answer is dropped: it could be the state before
/// that change. Changes that the node applies during the read are noticed by <c>CredentialCache</c>, as for reads from the primary.</remarks>
/// <param name="connect">Creates a connection to the standby, not open yet.</param>
/// <param name="known">The number of the last change that this node has applied; null while it trusts nothing in memory.</param>
internal sealed partial class PostgresReplica(Func<DbConnection> connect, Func<long?> known, NodeMetrics metrics, TimeProvider clock, ILogger<PostgresReplica> logger)
{
    /// <summary>The number is read first: the credentials are then of the same state or a later one.</summary>
    private const string Statement = """SELECT "Last" FROM "ChangeSequence" WHERE "Id" = 1; """ + PostgresCredentialReader.Statement;

    /// <summary>The time without further attempts after a failure.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const int LongestSeconds = 1;

    private long _failedAt;
    private bool _hasFailed;

    /// <summary>Reads the credentials of tokens.</summary>
    /// <returns>Null: the standby is behind or can't be read. Read the primary.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever fails, the primary has the answer.")]
    public async Task<Dictionary<string, StoredCredential>?> TryFindAsync(string[] handles)
    {
        if (known() is not { } change || (Volatile.Read(ref _hasFailed) && clock.GetElapsedTime(Volatile.Read(ref _failedAt)) < Pause))
            return null;
        try
        {
            var found = await FindAsync(handles, change);
            metrics.ReadReplica(found is not null);
            if (_hasFailed)
                LogRecovered();
            _hasFailed = false;
            return found;
        }
        catch (Exception exception)
        {
            if (!_hasFailed)
                LogFailed(exception.Message);
            Volatile.Write(ref _failedAt, clock.GetTimestamp());
            Volatile.Write(ref _hasFailed, true);
            metrics.ReadReplica(current: false);
            return null;
        }
    }

    private async Task<Dictionary<string, StoredCredential>?> FindAsync(string[] handles, long change)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(LongestSeconds), clock);
        await using var connection = connect();
        await connection.OpenAsync(limit.Token);
        await using var command = connection.CreateCommand();
        command.CommandText = Statement;
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@handles", handles);
        command.Parameters.Add(parameter);
        await using var rows = await command.ExecuteReaderAsync(limit.Token);
        if (!await rows.ReadAsync(limit.Token) || rows.GetInt64(0) < change)
            return null;
        await rows.NextResultAsync(limit.Token);
        var found = new Dictionary<string, StoredCredential>(handles.Length, StringComparer.Ordinal);
        await CredentialRows.ReadAsync(rows, credential => found[credential.Handle] = credential, limit.Token);
        return found;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The standby server can't be read, so keys are read from the primary: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The standby server can be read again")]
    private partial void LogRecovered();
}
