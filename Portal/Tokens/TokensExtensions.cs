using Microsoft.Extensions.Options;
using Portal.Data.KeyRing;
using Portal.Data.Nodes;
using Portal.IpRules;
using Portal.Tokens.Approvals;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;
using Portal.Tokens.Search;
using Portal.Tokens.Templates;
using Portal.Tokens.Views;

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
        builder.Services.AddSingleton<IEncryptedValues, EncryptedSecrets>();
        builder.Services.AddSingleton<TokenChanges>();
        builder.Services.AddSingleton<IChangeListener>(services => services.GetRequiredService<TokenChanges>());
        builder.Services.AddSingleton<TokenIndexes>();
        builder.Services.AddSingleton<TokenUses>();
        builder.Services.AddSingleton(services => new TokenFinder(services.GetRequiredService<TokenIndexes>(), services.GetRequiredService<TokenUses>()));
        builder.Services.AddSingleton<TokenReader>();
        builder.Services.AddSingleton<OwnerReader>();
        builder.Services.AddSingleton<IWorkingTokens, WorkingTokens>();
        builder.Services.AddSingleton<TokenAttentionReader>();
        builder.Services.AddSingleton<TokenExporter>();
        builder.Services.AddSingleton<KeyTracer>();
        builder.Services.AddSingleton<TokenRecordReader>();
        builder.Services.AddSingleton<TokenService>();
        builder.Services.AddSingleton<ApprovalTexts>();
        builder.Services.AddSingleton<ApprovalStore>();
        builder.Services.AddSingleton<ApprovalService>();
        builder.Services.AddSingleton<ApprovalSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApprovalSweep>());
        builder.Services.AddSingleton<TokenListVersion>();
        builder.Services.AddSingleton<TokenViewService>();
        builder.Services.AddSingleton<TemplateService>();
        builder.Services.AddSingleton<BulkRunner>();
        builder.Services.AddSingleton<IdempotentResponses>();
        builder.Services.AddHostedService<IdempotentResponsesPruner>();
        // A gateway shows no lists, and its memory is for keys.
        if (ProcessRoleSetting.Load(builder.Configuration) != ProcessRole.Gateway)
            builder.Services.AddHostedService<TokenIndexPreparation>();
        builder.Services.AddSingleton<FingerprintFill>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FingerprintFill>());
        builder.Services.AddSingleton<NameSortKeyFill>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NameSortKeyFill>());
        builder.Services.AddSingleton<StartSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StartSweep>());
        builder.Services.AddSingleton<PolicySweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PolicySweep>());
        builder.Services.AddSingleton<DeletedTokenSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DeletedTokenSweep>());
        builder.Services.AddSingleton<EndedSecretSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EndedSecretSweep>());
    }
}
