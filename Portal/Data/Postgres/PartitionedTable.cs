using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Data.Postgres;

/// <summary>A table of counts that is partitioned by time, and the names and limits of its partitions.</summary>
/// <remarks>The migration <c>MonthlyPartitions</c> made the table that was there into the first partition: <c>DailyCounts_Before_2026_12</c>. The partitions
/// after it have names such as <c>DailyCounts_2026_12</c>. Rows of any other time are in the default partition, <c>DailyCounts_Other</c>.</remarks>
/// <param name="Name">The name of the table.</param>
/// <param name="Column">The column with the time.</param>
/// <param name="ByMonth">Whether a partition has the days of a month. Otherwise, it has the hours of a day.</param>
internal sealed partial record PartitionedTable(string Name, string Column, bool ByMonth)
{
    /// <summary>The number of partitions that exist in advance, so that none is missing if they can't be created for days.</summary>
    private const int MonthsAhead = 2, DaysAhead = 8;

    public static IReadOnlyList<PartitionedTable> All { get; } = [new("DailyCounts", "Day", true), new("LatencyCounts", "Day", true), new("HourlyCounts", "Hour", false)];

    /// <summary>The default partition.</summary>
    public string Other => $"{Name}_Other";

    /// <summary>The partition that contains a day; it needn't exist.</summary>
    public Partition PartitionOf(DateOnly day)
    {
        var start = ByMonth ? new DateOnly(day.Year, day.Month, 1) : day;
        return new Partition(Name + start.ToString(ByMonth ? "'_'yyyy'_'MM" : "'_'yyyy'_'MM'_'dd", CultureInfo.InvariantCulture), start, EndOf(start));
    }

    /// <summary>The partitions that should exist on a day: the one that contains it, and some in advance.</summary>
    public IEnumerable<Partition> PartitionsFor(DateOnly day)
    {
        var partition = PartitionOf(day);
        yield return partition;
        for (var i = 0; i < (ByMonth ? MonthsAhead : DaysAhead); i++)
            yield return partition = PartitionOf(partition.End);
    }

    /// <summary>Reads the name of a partition.</summary>
    /// <returns>Null if it is the default partition, or none of Portal's.</returns>
    public Partition? Parse(string partition)
    {
        if (!partition.StartsWith(Name, StringComparison.Ordinal) || PartitionName().Match(partition, Name.Length) is not { Success: true, Groups: var parts })
            return null;
        var time = DateOnly.ParseExact(parts["day"].Length > 0 ? parts["time"].Value : parts["time"].Value + "_01", "yyyy_MM_dd", CultureInfo.InvariantCulture);
        return parts["before"].Success ? new Partition(partition, DateOnly.MinValue, time) : new Partition(partition, time, EndOf(time));
    }

    /// <summary>The beginning of a day as a literal of the column's type.</summary>
    public string Literal(DateOnly day) => ByMonth
        ? day.ToString(@"\'yyyy-MM-dd\'", CultureInfo.InvariantCulture)
        : HourlyCount.HourOf(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)).ToString(CultureInfo.InvariantCulture);

    private DateOnly EndOf(DateOnly start) => ByMonth ? start.AddMonths(1) : start.AddDays(1);

    [GeneratedRegex(@"\G_(?<before>Before_)?(?<time>\d{4}_\d\d(?<day>_\d\d)?)\z")]
    private static partial Regex PartitionName();
}

/// <summary>A partition of a <see cref="PartitionedTable"/>.</summary>
/// <param name="Name">The name of the partition, which is a table too.</param>
/// <param name="Start">Its first day.</param>
/// <param name="End">The day after its last one.</param>
internal sealed record Partition(string Name, DateOnly Start, DateOnly End);
