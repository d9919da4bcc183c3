using Microsoft.Extensions.Options;

namespace Portal.Authentication.Cors;

/// <summary>Registers the services of this folder.</summary>
public static class CorsExtensions
{
    public static void AddCorsForApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ApiCorsOptions>()
            .Configure<IConfiguration>((options, configuration) =>
                configuration.GetSection(ApiCorsOptions.SectionName).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ApiCorsOptions>, ApiCorsValidator>();
        builder.Services.AddCors();
    }

    /// <summary>Call it before any middleware that refuses requests. Without configured origins, it adds nothing.</summary>
    public static void UseCorsForApi(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ApiCorsOptions>>().Value.Origins.Count > 0)
            app.UseMiddleware<ApiCors>();
    }
}
