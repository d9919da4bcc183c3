using Portal.Data;
using Portal.Data.Nodes;

namespace Portal.Access;

/// <summary>Registers the services that check access.</summary>
public static class AccessExtensions
{
    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<UserSessionOptions>().BindConfiguration(UserSessionOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<SecondFactorOptions>().BindConfiguration(SecondFactorOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<UserChanges>();
        builder.Services.AddSingleton<IChangeListener>(services => services.GetRequiredService<UserChanges>());
        builder.Services.AddSingleton<UserStates>();
        builder.Services.AddSingleton<AccessControl>();
        builder.Services.AddSingleton<UserChangeInterceptor>();
        builder.Services.ConfigureDbContext<PortalDbContext>((services, options) => options.AddInterceptors(services.GetRequiredService<UserChangeInterceptor>()));
    }
}
