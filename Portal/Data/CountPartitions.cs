using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;

namespace Portal.Data;

/// <summary>A partition of a table with counts that is missing or no longer needed.</summary>
public sealed class PartitionChange
{
    internal PartitionChange(PartitionedTable table, Partition partition, bool isMissing) => (Table, Partition, IsMissing) = (table, partition, isMissing);

    /// <summary>The name of the partition.</summary>
    public string Name => Partition.Name;

    /// <summary>Whether the partition is to be created. Otherwise, all its rows are past their retention period, and it is to be removed.</summary>
    public bool IsMissing { get; }

    internal PartitionedTable Table { get; }

    internal Partition Partition { get; }
}

/// <summary>Creates and removes the partitions of the tables with counts. Only PostgreSQL has them.</summary>
/// <remarks>Counts of days are in partitions by month, and counts of hours in partitions by day. To remove a partition takes milliseconds, however many rows
/// it has. Nothing depends on a partition being there: rows without one go to the default partition, and are moved when theirs is created.</remarks>
public static class CountPartitions
{
    /// <summary>The longest time that a change of partitions waits for a lock, because everything that needs the table waits as well.</summary>
    private const string LimitWaits = "SET LOCAL lock_timeout = '250ms'";

    private const string List =
        """SELECT c.relname AS "Value" FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(format('%I', {0})) AND pg_table_is_visible(c.oid)""";

    /// <summary>Finds the partitions that are missing or no longer needed.</summary>
    /// <param name="today">The present UTC day.</param>
    /// <param name="first">The first day whose counts are kept.</param>
    /// <param name="firstOfHours">The same for counts by hour.</param>
    public static async Task<IReadOnlyList<PartitionChange>> FindChangesAsync(
        PortalDbContext context, DateOnly today, DateOnly first, DateOnly firstOfHours, CancellationToken cancellation)
    {
        var changes = new List<PartitionChange>();
        if (!context.Database.IsNpgsql())
            return changes;
        foreach (var table in PartitionedTable.All)
        {
            var names = await context.Database.SqlQueryRaw<string>(List, table.Name).ToListAsync(cancellation);
            if (!names.Contains(table.Other))
                continue;
            var existing = names.Select(table.Parse).OfType<Partition>().ToList();
            var kept = table.ByMonth ? first : firstOfHours;
            changes.AddRange(table.PartitionsFor(today).Where(wanted => existing.All(partition => partition.End <= wanted.Start || partition.Start >= wanted.End))
                .Select(wanted => new PartitionChange(table, wanted, isMissing: true)));
            changes.AddRange(existing.Where(partition => partition.End <= kept).Select(partition => new PartitionChange(table, partition, isMissing: false)));
        }

        return changes;
    }

    /// <summary>Creates or removes a partition. Several nodes may do it at the same time. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    /// <exception cref="Exception">Nothing was changed, for example because a lock wasn't free soon enough (<see cref="DatabaseFault.Held"/>).</exception>
    public static async Task ApplyAsync(PortalDbContext context, PartitionChange change, CancellationToken cancellation)
    {
        // Names of the schema and days, nothing from a user.
        var alone = $"LOCK TABLE ONLY \"{change.Table.Name}\" IN SHARE UPDATE EXCLUSIVE MODE";
        var apply = change.IsMissing ? Create(change.Table, change.Partition) : $"DROP TABLE \"{change.Name}\"";
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await context.Database.ExecuteSqlRawAsync(LimitWaits, cancellation);
        await context.Database.ExecuteSqlRawAsync(alone, cancellation);
        // Another node may have done it since.
        if ((await context.Database.SqlQueryRaw<string>(List, change.Table.Name).ToListAsync(cancellation)).Contains(change.Name) != change.IsMissing)
            await context.Database.ExecuteSqlRawAsync(apply, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Attaches a new table, because creating it as a partition would lock the whole table. Its rows in the default partition move to it.</summary>
    private static string Create(PartitionedTable table, Partition partition)
    {
        var (start, end) = (table.Literal(partition.Start), table.Literal(partition.End));
        return $"""
            LOCK TABLE "{table.Other}" IN ACCESS EXCLUSIVE MODE;
            CREATE TABLE "{partition.Name}" (LIKE "{table.Name}");
            WITH moved AS (DELETE FROM "{table.Other}" WHERE "{table.Column}" >= {start} AND "{table.Column}" < {end} RETURNING *)
            INSERT INTO "{partition.Name}" SELECT * FROM moved;
            ALTER TABLE "{table.Name}" ATTACH PARTITION "{partition.Name}" FOR VALUES FROM ({start}) TO ({end});
            """;
    }
}
