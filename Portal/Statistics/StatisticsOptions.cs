using System.ComponentModel.DataAnnotations;

namespace Portal.Statistics;

/// <summary>The section <c>Statistics</c> of the configuration.</summary>
public sealed class StatisticsOptions
{
    public const string SectionName = "Statistics";

    /// <summary>Statistics older than so many days are removed.</summary>
    [Range(StatisticsReader.Days + 1, 3660, ErrorMessage = "Statistics:RetentionDays must be 31 to 3660 days.")]
    public int RetentionDays { get; init; } = 400;
}
