using System.Globalization;

namespace Portal.Statistics;

/// <summary>A period of which statistics can be read. It always ends now.</summary>
public sealed record StatisticsPeriod
{
    /// <summary>The last 24 hours, including the current one, by the hour.</summary>
    public static readonly StatisticsPeriod Hours = new() { IsHours = true, Length = 24 };

    /// <summary>The last 30 days, including today: the period that is shown at first.</summary>
    public static readonly StatisticsPeriod Default = new() { Length = StatisticsReader.Days };

    /// <summary>All periods, shortest first. Some may be longer than statistics are kept.</summary>
    public static readonly IReadOnlyList<StatisticsPeriod> All = [Hours, new() { Length = 7 }, Default, new() { Length = 90 }];

    /// <summary>Whether it consists of hours, not days.</summary>
    public bool IsHours { get; private init; }

    /// <summary>The number of days or hours, including the current one.</summary>
    public int Length { get; private init; }

    /// <summary>Finds the period that an address names.</summary>
    /// <param name="hours">The value of the parameter <c>hours</c>.</param>
    /// <param name="days">The value of the parameter <c>days</c>.</param>
    /// <returns>Null if there is no such period.</returns>
    public static StatisticsPeriod? Find(string? hours, string? days) => All.FirstOrDefault(period =>
        (period.IsHours ? hours : days) == period.Length.ToString(CultureInfo.InvariantCulture));

    /// <summary>The name of the period: <c>24h</c>, <c>7d</c>, and so on.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Length}{(IsHours ? 'h' : 'd')}");

    /// <summary>The query of an address that names the period; empty for the default.</summary>
    public string Query => this == Default ? "" : string.Create(CultureInfo.InvariantCulture, $"{(IsHours ? "hours" : "days")}={Length}");
}
