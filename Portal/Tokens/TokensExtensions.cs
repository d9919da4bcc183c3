using Microsoft.Extensions.Options;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>Registers the services for tokens.</summary>
public static class TokensExtensions
{
    public static void AddTokens(this IHostApplicationBuilder builder)
    {
        // Otherwise a misspelled setting would be ignored silently.
        builder.Services.AddOptions<TokenOptions>()
            .BindConfiguration(TokenOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TokenOptions>, ExpirationPresetValidator>();
        builder.Services.AddSingleton<SecretProtector>();
        builder.Services.AddSingleton<TokenChanges>();
        builder.Services.AddSingleton(_ => new TokenFinder());
        builder.Services.AddSingleton<TokenReader>();
        builder.Services.AddSingleton<KeyTracer>();
        builder.Services.AddSingleton<TokenRecordReader>();
        builder.Services.AddSingleton<TokenService>();
        builder.Services.AddSingleton<IdempotentResponses>();
        builder.Services.AddHostedService<IdempotentResponsesPruner>();
        builder.Services.AddSingleton<EndedSecretSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EndedSecretSweep>());
    }
}
