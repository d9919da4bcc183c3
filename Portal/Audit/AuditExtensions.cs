using Portal.Audit.Streaming;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Registers the services of this folder.</summary>
public static class AuditExtensions
{
    public static void MapAuditExports(this IEndpointRouteBuilder app) => Screen.AuditExports.Map(app);

    /// <summary>Sends the entries of the audit log to a receiver.</summary>
    public static void AddAuditStream<TReceiver>(this IServiceCollection services)
        where TReceiver : class, IAuditReceiver
    {
        services.AddSingleton<IAuditReceiver, TReceiver>();
        services.AddHostedService<AuditStream>();
    }

    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations()
            .Validate(options => Enum.IsDefined(options.Stream.From), $"{AuditOptions.Section}:Stream:From must be Now or Beginning.").ValidateOnStart();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<ActorInterceptor>();
        builder.Services.ConfigureDbContext<PortalDbContext>((services, options) => options.AddInterceptors(services.GetRequiredService<ActorInterceptor>()));
        builder.Services.AddSingleton<AuditRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditRetention>());
        builder.Services.AddSingleton<AuditReader>();
        builder.Services.AddSingleton<AuditExporter>();
        builder.Services.AddSingleton<AuditChecker>();
        builder.Services.AddSingleton<DeniedAttempts>();
        builder.Services.AddSingleton<Access.IDenialLog>(services => services.GetRequiredService<DeniedAttempts>());
        builder.Services.AddHostedService(services => services.GetRequiredService<DeniedAttempts>());
        builder.Services.AddSingleton<AuditStreamMetrics>();
        builder.Services.AddSingleton<AuditAnchor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditAnchor>());
    }
}
