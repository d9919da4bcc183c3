namespace Portal.Policies;

/// <summary>Registers the services for policies.</summary>
public static class PoliciesExtensions
{
    public static void AddPolicies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PolicyService>();
        builder.Services.AddSingleton<PolicyPreviewer>();
    }
}
