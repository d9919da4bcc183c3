using Portal.Statistics.Export;

namespace Portal.Statistics;

/// <summary>Registers the services of this folder.</summary>
public static class StatisticsExtensions
{
    public static void AddStatistics(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StatisticsOptions>()
            .BindConfiguration(StatisticsOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<RequestCounters>();
        builder.Services.AddSingleton<RequestExport>();
        builder.Services.AddSingleton<StatisticsReader>();
        builder.Services.AddSingleton<ActivityReader>();
        builder.Services.AddSingleton<TokenUseReader>();
        builder.Services.AddSingleton<FlushMetrics>();
        builder.Services.AddSingleton<StatusCountReader>();
        builder.Services.AddSingleton<AddressNews>();
        builder.Services.AddSingleton<CountWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CountWriter>());
        builder.Services.AddSingleton<StatisticsPruner>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StatisticsPruner>());
    }
}
