using System.ComponentModel.DataAnnotations;

namespace Portal.Statistics;

/// <summary>The section <c>Statistics</c> of the configuration.</summary>
public sealed class StatisticsOptions
{
    public const string SectionName = "Statistics";

    /// <summary>The number of days after which statistics are removed.</summary>
    [Range(StatisticsReader.Days + 1, 3660, ErrorMessage = "Statistics:RetentionDays must be 31 to 3660 days.")]
    public int RetentionDays { get; init; } = 400;
}
