using Portal.Data;

namespace Portal.Audit;

/// <summary>The door of this folder.</summary>
public static class AuditExtensions
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<UserChanges>();
        builder.Services.AddSingleton<UserStates>();
        builder.Services.AddSingleton<AccessControl>();
        builder.Services.AddSingleton<UserChangeInterceptor>();
        builder.Services.ConfigureDbContext<PortalDbContext>((services, options) => options.AddInterceptors(services.GetRequiredService<UserChangeInterceptor>()));
    }
}
