using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;
using Portal.Data.Nodes;

namespace Portal.Data.Postgres;

/// <summary>Asks each host of the connection strings for its state.</summary>
/// <param name="primary">The connection string for changes.</param>
/// <param name="replica">The one for reads of keys; null if there is none.</param>
internal sealed class PostgresServers(string primary, string? replica) : IServerReader
{
    private const int UsualPort = 5432, MostConnections = 2, LongestSeconds = 1;

    private const string Statement =
        """
        SELECT pg_is_in_recovery(), split_part(current_setting('server_version'), ' ', 1), (SELECT "Last" FROM "ChangeSequence" WHERE "Id" = 1),
            CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE clock_timestamp() END
        """;

    private readonly (string Name, bool ServesKeys, string ConnectionString)[] _hosts = [.. HostsOf(primary, replica)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServerRead>> ReadAsync(CancellationToken cancellation) =>
        await Task.WhenAll(_hosts.Select(host => ReadAsync(host.Name, host.ServesKeys, host.ConnectionString, cancellation)));

    /// <summary>Lists the hosts of both connection strings, each once.</summary>
    internal static IEnumerable<(string Name, bool ServesKeys, string ConnectionString)> HostsOf(string primary, string? replica)
    {
        var replicas = replica is null ? [] : Split(replica).ToList();
        var keys = replicas.Select(host => host.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Split(primary).Concat(replicas).DistinctBy(host => host.Name, StringComparer.OrdinalIgnoreCase).Select(host => (host.Name, keys.Contains(host.Name), host.ConnectionString));
    }

    /// <summary>Lists the port of each host.</summary>
    internal static IEnumerable<int> PortsOf(NpgsqlConnectionStringBuilder settings) => Split(settings).Select(host => host.Port);

    private static IEnumerable<(string Name, string ConnectionString)> Split(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var (host, port) in Split(settings))
        {
            var single = new NpgsqlConnectionStringBuilder(PostgresDatabase.Complete(connectionString))
            {
                Host = host, Port = port, MaxPoolSize = MostConnections, MinPoolSize = 0, Timeout = LongestSeconds, CommandTimeout = LongestSeconds,
            };
            // They choose among several hosts.
            single.Remove("Target Session Attributes");
            single.Remove("Load Balance Hosts");
            yield return (port == UsualPort || host.StartsWith('/') ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"), single.ToString());
        }
    }

    private static IEnumerable<(string Host, int Port)> Split(NpgsqlConnectionStringBuilder settings) =>
        (settings.Host ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(entry => SplitPort(entry, settings.Port));

    /// <summary>A path of a socket and an IPv6 address without brackets have no port.</summary>
    private static (string Host, int Port) SplitPort(string entry, int usual)
    {
        var colon = entry.LastIndexOf(':');
        return colon > 0 && !entry.StartsWith('/') && (entry.IndexOf(':', StringComparison.Ordinal) == colon || entry[colon - 1] == ']')
            && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon], port)
            : (entry, usual);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever fails, the server can't be used, and its log says why.")]
    private static async Task<ServerRead> ReadAsync(string name, bool servesKeys, string connectionString, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(LongestSeconds));
        try
        {
            return await QueryAsync(name, servesKeys, connectionString, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            return new ServerRead(name, ServerState.Unreachable, servesKeys, null, null, null);
        }
    }

    private static async Task<ServerRead> QueryAsync(string name, bool servesKeys, string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = Statement;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new ServerRead(
            name, row.GetBoolean(0) ? ServerState.Standby : ServerState.Primary, servesKeys, row.GetString(1), row.GetInt64(2),
            await row.IsDBNullAsync(3, cancellation) ? null : DateTime.SpecifyKind(row.GetDateTime(3), DateTimeKind.Utc));
    }
}
