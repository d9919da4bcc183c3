namespace Portal.IpRules;

/// <summary>Registers the services of this folder.</summary>
public static class IpRulesExtensions
{
    public static void AddIpRules(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AddressRulesCache>();
        builder.Services.AddSingleton<IpRuleService>();
        builder.Services.AddSingleton<IpRulePreviewer>();
    }
}
