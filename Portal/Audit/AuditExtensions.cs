namespace Portal.Audit;

/// <summary>Registers the services of this folder.</summary>
public static class AuditExtensions
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<DeniedAttempts>();
        builder.Services.AddSingleton<Access.IDenialLog>(services => services.GetRequiredService<DeniedAttempts>());
        builder.Services.AddHostedService(services => services.GetRequiredService<DeniedAttempts>());
        builder.Services.AddSingleton<AuditAnchor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditAnchor>());
    }
}
