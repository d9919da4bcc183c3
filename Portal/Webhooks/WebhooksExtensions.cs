using System.Net;
using Microsoft.Extensions.Options;
using Portal.Data.KeyRing;

namespace Portal.Webhooks;

/// <summary>Registers the services of this folder.</summary>
public static class WebhooksExtensions
{
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
        builder.Services.AddSingleton<WebhookTargets>();
        builder.Services.AddSingleton<WebhookRules>();
        builder.Services.AddSingleton<WebhookSecretProtector>();
        builder.Services.AddSingleton<IEncryptedValues, EncryptedWebhookSecrets>();
        builder.Services.AddSingleton<HostResolver>(Dns.GetHostAddressesAsync);
        builder.Services.AddSingleton<WebhookClient>();
        builder.Services.AddSingleton<WebhookMetrics>();
        builder.Services.AddSingleton<DeliveryRecorder>();
        builder.Services.AddSingleton<WebhookReader>();
        builder.Services.AddSingleton<WebhookService>();
        builder.Services.AddSingleton<WebhookDispatcher>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WebhookDispatcher>());
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WebhookSender>());
        builder.Services.AddSingleton<WebhookUpkeep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WebhookUpkeep>());
    }
}
