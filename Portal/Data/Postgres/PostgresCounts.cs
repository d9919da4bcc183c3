using System.Data.Common;

namespace Portal.Data.Postgres;

/// <summary>Collects the rows of <see cref="CountStore"/> and writes those of each kind with one statement that takes arrays.</summary>
internal sealed class PostgresCounts
{
    /// <summary>The statements with one parameter for each value of a row. They lock rows in the order of the arrays, which is the same on all nodes, so no
    /// two nodes wait for each other.</summary>
    private static readonly Dictionary<CountKind, Shape> Shapes = new()
    {
        [CountKind.DailyCounts] = new(
            """
            INSERT INTO "DailyCounts" ("TokenId", "Day", "ModuleId", "StatusCode", "Reason", "Count") SELECT * FROM unnest(@p0, @p1, @p2, @p3, @p4, @p5)
            ON CONFLICT ("TokenId", "Day", "ModuleId", "StatusCode", "Reason") DO UPDATE SET "Count" = "DailyCounts"."Count" + excluded."Count"
            """,
            5, typeof(long), typeof(DateOnly), typeof(string), typeof(int), typeof(string), typeof(long)),
        [CountKind.LatencyCounts] = new(
            """
            INSERT INTO "LatencyCounts" ("TokenId", "Day", "Bucket", "Count") SELECT * FROM unnest(@p0, @p1, @p2, @p3)
            ON CONFLICT ("TokenId", "Day", "Bucket") DO UPDATE SET "Count" = "LatencyCounts"."Count" + excluded."Count"
            """,
            3, typeof(long), typeof(DateOnly), typeof(int), typeof(long)),
        [CountKind.HourlyCounts] = new(
            """
            INSERT INTO "HourlyCounts" ("Hour", "TokenId", "Success", "Redirection", "ClientError", "ServerError") SELECT * FROM unnest(@p0, @p1, @p2, @p3, @p4, @p5)
            ON CONFLICT ("Hour", "TokenId") DO UPDATE SET
                "Success" = "HourlyCounts"."Success" + excluded."Success", "Redirection" = "HourlyCounts"."Redirection" + excluded."Redirection",
                "ClientError" = "HourlyCounts"."ClientError" + excluded."ClientError", "ServerError" = "HourlyCounts"."ServerError" + excluded."ServerError"
            """,
            2, typeof(int), typeof(long), typeof(long), typeof(long), typeof(long), typeof(long)),
        [CountKind.TokenUses] = new(
            """
            WITH used AS MATERIALIZED (
                SELECT use.* FROM unnest(@p0, @p1, @p2, @p3, @p4) AS use("TokenId", "At", "Address", "ModuleId", "Client")
                JOIN "Tokens" AS token ON token."Id" = use."TokenId" ORDER BY token."Id" FOR NO KEY UPDATE OF token)
            UPDATE "Tokens" SET "LastUsedAt" = used."At", "LastUsedAddress" = used."Address", "LastUsedModuleId" = used."ModuleId", "LastUsedClient" = used."Client"
            FROM used WHERE "Tokens"."Id" = used."TokenId" AND ("LastUsedAt" IS NULL OR "LastUsedAt" <= used."At")
            """,
            1, typeof(long), typeof(DateTime), typeof(string), typeof(string), typeof(string)),
        [CountKind.SecretUses] = new(
            """
            WITH used AS MATERIALIZED (
                SELECT use.* FROM unnest(@p0, @p1, @p2, @p3) AS use("SecretId", "At", "Day", "Requests")
                JOIN "TokenSecrets" AS secret ON secret."Id" = use."SecretId" ORDER BY secret."Id" FOR NO KEY UPDATE OF secret)
            UPDATE "TokenSecrets" SET
                "LastUsedAt" = CASE WHEN "LastUsedAt" >= used."At" THEN "LastUsedAt" ELSE used."At" END,
                "UsedCount" = CASE WHEN "UsedOn" = used."Day" THEN "UsedCount" + used."Requests" WHEN "UsedOn" > used."Day" OR used."Day" IS NULL THEN "UsedCount" ELSE used."Requests" END,
                "UsedOn" = CASE WHEN "UsedOn" > used."Day" OR used."Day" IS NULL THEN "UsedOn" ELSE used."Day" END
            FROM used WHERE "TokenSecrets"."Id" = used."SecretId"
            """,
            1, typeof(long), typeof(DateTime), typeof(DateOnly?), typeof(long)),
        [CountKind.ModuleUses] = new(
            """
            INSERT INTO "ModuleUses" ("TokenId", "ModuleId", "LastUsedAt") SELECT * FROM unnest(@p0, @p1, @p2)
            ON CONFLICT ("TokenId", "ModuleId") DO UPDATE SET "LastUsedAt" = excluded."LastUsedAt" WHERE "ModuleUses"."LastUsedAt" < excluded."LastUsedAt"
            """,
            2, typeof(long), typeof(string), typeof(DateTime)),
        [CountKind.SeenAddresses] = new(
            """
            INSERT INTO "SeenAddresses" ("TokenId", "Address", "LastSeenOn") SELECT * FROM unnest(@p0, @p1, @p2)
            ON CONFLICT ("TokenId", "Address") DO UPDATE SET "LastSeenOn" = excluded."LastSeenOn" WHERE "SeenAddresses"."LastSeenOn" < excluded."LastSeenOn"
            """,
            2, typeof(long), typeof(byte[]), typeof(DateOnly)),
        [CountKind.FormerAddresses] = new(
            """
            DELETE FROM "SeenAddresses" USING (
                SELECT kept."TokenId", former."Address" FROM unnest(@p0, @p1) AS kept("TokenId", "Count") CROSS JOIN LATERAL (
                    SELECT "Address" FROM "SeenAddresses" WHERE "TokenId" = kept."TokenId" ORDER BY "LastSeenOn" DESC, "Address" OFFSET kept."Count") AS former) AS former
            WHERE "SeenAddresses"."TokenId" = former."TokenId" AND "SeenAddresses"."Address" = former."Address"
            """,
            1, typeof(long), typeof(int)),
        [CountKind.RecentRequests] = new(
            """
            INSERT INTO "RecentRequests" ("TokenId", "LastOn", "Entries") SELECT * FROM unnest(@p0, @p1, @p2)
            ON CONFLICT ("TokenId") DO UPDATE SET "LastOn" = excluded."LastOn", "Entries" = excluded."Entries"
            """,
            1, typeof(long), typeof(DateOnly), typeof(byte[])),
    };

    /// <summary>Makes another node that adds the same rows wait. What it stores meanwhile is returned.</summary>
    private const string LockRecentStatement =
        """
        INSERT INTO "RecentRequests" ("TokenId", "LastOn", "Entries") SELECT id, DATE '0001-01-01', '' FROM unnest(@ids) AS id
        ON CONFLICT ("TokenId") DO UPDATE SET "LastOn" = "RecentRequests"."LastOn" RETURNING "TokenId", "Entries"
        """;

    private readonly SortedDictionary<CountKind, List<object?[]>> _rows = [];
    private readonly Dictionary<long, byte[]> _recent = [];

    /// <param name="values">As many as the statement has parameters.</param>
    public void Add(CountKind kind, object?[] values)
    {
        if (!_rows.TryGetValue(kind, out var rows))
            rows = _rows[kind] = [];
        rows.Add(values);
    }

    /// <inheritdoc cref="CountStore.LockRecentAsync"/>
    public async Task LockRecentAsync(DbConnection connection, DbTransaction transaction, IEnumerable<long> tokenIds, CancellationToken cancellation)
    {
        long[] ids = [.. tokenIds.Order()];
        if (ids.Length == 0)
            return;
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (LockRecentStatement, transaction);
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@ids", ids);
        command.Parameters.Add(parameter);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            _recent[rows.GetInt64(0)] = rows.GetFieldValue<byte[]>(1);
    }

    /// <inheritdoc cref="CountStore.FindRecent"/>
    public byte[]? FindRecent(long tokenId) => _recent.GetValueOrDefault(tokenId);

    /// <summary>Writes all rows in one round trip. It can't be canceled, as <see cref="CountStore.CommitAsync"/>.</summary>
    public async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        if (_rows.Count == 0)
            return;
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var (kind, rows) in _rows)
            foreach (var distinct in SplitByKey(rows, Shapes[kind].KeyLength))
                Shapes[kind].AddTo(batch, distinct);
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Sorts the rows, and splits them so that no list has a key twice: a statement can change a row only once.</summary>
    private static List<List<object?[]>> SplitByKey(List<object?[]> rows, int keyLength)
    {
        // Stable: of equal keys, the one that was added first stays the first.
        var sorted = rows.Order(Comparer<object?[]>.Create((one, other) => CompareKeys(one, other, keyLength)));
        var lists = new List<List<object?[]>>();
        object?[]? previous = null;
        var list = 0;
        foreach (var row in sorted)
        {
            list = previous is not null && CompareKeys(previous, row, keyLength) == 0 ? list + 1 : 0;
            if (list == lists.Count)
                lists.Add([]);
            lists[list].Add(row);
            previous = row;
        }

        return lists;
    }

    private static int CompareKeys(object?[] one, object?[] other, int length)
    {
        for (var i = 0; i < length; i++)
        {
            var order = (one[i], other[i]) switch
            {
                (string text, string otherText) => string.CompareOrdinal(text, otherText),
                (byte[] bytes, byte[] otherBytes) => bytes.AsSpan().SequenceCompareTo(otherBytes),
                var (value, otherValue) => Comparer<object>.Default.Compare(value, otherValue),
            };
            if (order != 0)
                return order;
        }

        return 0;
    }

    /// <param name="KeyLength">The number of values, from the first on, that identify the row.</param>
    /// <param name="Types">The types of the values.</param>
    private sealed record Shape(string Statement, int KeyLength, params Type[] Types)
    {
        public void AddTo(DbBatch batch, List<object?[]> rows)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = Statement;
            for (var i = 0; i < Types.Length; i++)
            {
                var column = Array.CreateInstance(Types[i], rows.Count);
                for (var row = 0; row < rows.Count; row++)
                    column.SetValue(rows[row][i], row);
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ($"@p{i}", column);
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }
    }
}
