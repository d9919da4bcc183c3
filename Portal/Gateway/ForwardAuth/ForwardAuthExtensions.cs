using Microsoft.Extensions.Options;
using Portal.Authentication;

namespace Portal.Gateway.ForwardAuth;

/// <summary>Registers the services of this folder: decisions for proxies that forward requests themselves.</summary>
internal static class ForwardAuthExtensions
{
    public static void AddForwardAuth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardAuthOptions>()
            // Without this, a misspelled setting would go unnoticed.
            .Configure<IConfiguration>((options, configuration) => configuration.GetSection(ForwardAuthOptions.SectionName)
                .Bind(options, binder => binder.ErrorOnUnknownConfiguration = true))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ForwardAuthOptions>, ForwardAuthValidator>();
        builder.Services.AddSingleton<ForwardAuthClients>();
        builder.Services.AddSingleton<OriginalRequestReader>();
        builder.Services.AddSingleton<IMalformedRequestForm, MalformedAuthorizationRequests>();
    }
}
