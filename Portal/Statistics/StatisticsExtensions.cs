namespace Portal.Statistics;

/// <summary>The door of this folder.</summary>
public static class StatisticsExtensions
{
    public static void AddStatistics(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RequestCounters>();
        builder.Services.AddSingleton<StatisticsReader>();
        builder.Services.AddSingleton<FlushMetrics>();
        builder.Services.AddSingleton<CountWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CountWriter>());
    }
}
