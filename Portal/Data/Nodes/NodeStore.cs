using System.Data.Common;

namespace Portal.Data.Nodes;

/// <inheritdoc cref="INodeStore"/>
/// <param name="connect">Creates a connection to the primary server, not open yet.</param>
internal sealed class NodeStore(Func<DbConnection> connect) : INodeStore
{
    /// <summary>A node that is further behind drops everything instead of reading change by change.</summary>
    internal const int MostChanges = 10_000;

    public async Task JoinAsync(NodeIdentity node, Guid id, CancellationToken cancellation)
    {
        var joined = await ExecuteAsync(
            """
            INSERT INTO "Nodes" ("Id", "Name", "Role", "Version", "StartedAt", "RenewedAt", "IsLive", "Renewal", "ReadThrough")
            SELECT @id, @name, @role, @version, now(), now(), TRUE, 1, 0
            WHERE to_regclass('"UnfinishedCopy"') IS NULL
            """,
            cancellation, ("@id", id), ("@name", node.Name), ("@role", node.Role), ("@version", node.Version));
        if (joined == 0)
            throw new DatabaseUnusableException("Portal copy-data copies into this database");
    }

    public async Task<ChangesRead> ReadChangesAsync(long after, CancellationToken cancellation)
    {
        // A single statement, so that the last number and the changes are of the same moment.
        await using var query = await QueryAsync(
            """
            SELECT s."Last", c."Sequence", c."Kind", c."Key"
            FROM "ChangeSequence" AS s
            LEFT JOIN "Changes" AS c ON c."Sequence" > @after
            WHERE s."Id" = 1
            ORDER BY c."Sequence"
            LIMIT @most
            """,
            cancellation, ("@after", after), ("@most", MostChanges));
        var (last, changes) = (0L, new List<Change>());
        while (await query.Rows.ReadAsync(cancellation))
        {
            last = query.Rows.GetInt64(0);
            if (!await query.Rows.IsDBNullAsync(1, cancellation))
                changes.Add(new Change(query.Rows.GetInt64(1), (ChangeKind)query.Rows.GetInt16(2), query.Rows.GetString(3)));
        }

        return new ChangesRead(last, changes);
    }

    /// <remarks>Doesn't wait for a synchronous standby, so that nodes keep their leases while it is away. A primary without the renewal has an earlier one,
    /// after which the lease is watched for longer.</remarks>
    public async Task<bool> RenewAsync(Guid id, long readThrough, CancellationToken cancellation) => await ExecuteAsync(
        """
        SELECT set_config('synchronous_commit', 'local', TRUE);
        UPDATE "Nodes" SET "ReadThrough" = @through, "Renewal" = "Renewal" + 1, "RenewedAt" = now() WHERE "Id" = @id AND "IsLive"
        """,
        cancellation, ("@id", id), ("@through", readThrough)) == 1;

    public async Task<NodesRead> ReadNodesAsync(CancellationToken cancellation)
    {
        await using var query = await QueryAsync(
            """
            SELECT s."Last", n."Id", n."Name", n."Renewal", n."ReadThrough", n."Role"
            FROM "ChangeSequence" AS s
            LEFT JOIN "Nodes" AS n ON n."IsLive"
            WHERE s."Id" = 1
            """,
            cancellation);
        var (last, live) = (0L, new List<NodeRow>());
        while (await query.Rows.ReadAsync(cancellation))
        {
            last = query.Rows.GetInt64(0);
            if (!await query.Rows.IsDBNullAsync(1, cancellation))
                live.Add(new NodeRow(query.Rows.GetGuid(1), query.Rows.GetString(2), query.Rows.GetInt64(3), query.Rows.GetInt64(4), query.Rows.GetString(5) != nameof(ProcessRole.Screens)));
        }

        return new NodesRead(last, live);
    }

    public async Task<bool> DeclareDeadAsync(Guid id, long renewal, CancellationToken cancellation) => await ExecuteAsync(
        """UPDATE "Nodes" SET "IsLive" = FALSE WHERE "Id" = @id AND "Renewal" = @renewal AND "IsLive" """,
        cancellation, ("@id", id), ("@renewal", renewal)) == 1;

    public Task LeaveAsync(Guid id, CancellationToken cancellation) =>
        ExecuteAsync("""UPDATE "Nodes" SET "IsLive" = FALSE WHERE "Id" = @id""", cancellation, ("@id", id));

    public Task DrainAsync(Guid id, CancellationToken cancellation) =>
        ExecuteAsync("""UPDATE "Nodes" SET "IsDraining" = TRUE WHERE "Id" = @id""", cancellation, ("@id", id));

    public async Task<NodeDescriptions> ReadAllAsync(CancellationToken cancellation)
    {
        await using var query = await QueryAsync(
            """
            SELECT s."Last", n."Id", n."Name", n."Role", n."Version", n."StartedAt", n."RenewedAt", n."IsLive", n."ReadThrough", now(), n."IsDraining"
            FROM "ChangeSequence" AS s
            LEFT JOIN "Nodes" AS n ON TRUE
            WHERE s."Id" = 1
            """,
            cancellation);
        var (last, at, nodes, rows) = (0L, DateTime.UnixEpoch, new List<NodeDescription>(), query.Rows);
        while (await rows.ReadAsync(cancellation))
        {
            (last, at) = (rows.GetInt64(0), Utc(rows.GetDateTime(9)));
            if (!await rows.IsDBNullAsync(1, cancellation))
                nodes.Add(new NodeDescription(
                    rows.GetGuid(1), new NodeIdentity(rows.GetString(2), rows.GetString(3), rows.GetString(4)), Utc(rows.GetDateTime(5)), Utc(rows.GetDateTime(6)),
                    rows.GetBoolean(7), rows.GetBoolean(10), rows.GetInt64(8)));
        }

        return new NodeDescriptions(last, at, nodes);
    }

    public async Task PruneAsync(CancellationToken cancellation)
    {
        await ExecuteAsync("""DELETE FROM "Changes" WHERE "At" < now() - interval '1 hour' """, cancellation);
        await ExecuteAsync("""DELETE FROM "Nodes" WHERE NOT "IsLive" AND "RenewedAt" < now() - interval '1 day' """, cancellation);
    }

    private async Task<int> ExecuteAsync(string statement, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        await using var connection = connect();
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand(statement, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<Query> QueryAsync(string statement, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        var connection = connect();
        try
        {
            await connection.OpenAsync(cancellation);
            var command = connection.CreateCommand(statement, parameters);
            return new Query(connection, command, await command.ExecuteReaderAsync(cancellation));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static DateTime Utc(DateTime stored) => DateTime.SpecifyKind(stored, DateTimeKind.Utc);

    private sealed class Query(DbConnection connection, DbCommand command, DbDataReader rows) : IAsyncDisposable
    {
        public DbDataReader Rows => rows;

        public async ValueTask DisposeAsync()
        {
            await rows.DisposeAsync();
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
