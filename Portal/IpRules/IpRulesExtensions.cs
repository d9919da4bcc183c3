using Portal.Data.Nodes;

namespace Portal.IpRules;

/// <summary>Registers the services for IP rules.</summary>
public static class IpRulesExtensions
{
    public static void AddIpRules(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AddressRulesCache>();
        builder.Services.AddSingleton<IChangeListener>(services => services.GetRequiredService<AddressRulesCache>());
        builder.Services.AddSingleton<IpRuleService>();
        builder.Services.AddSingleton<IpRulePreviewer>();
        builder.Services.AddSingleton<TokenAccessReader>();
        builder.Services.AddSingleton<AddressChecker>();
        builder.Services.AddSingleton<NewTokenRules>();
    }
}
