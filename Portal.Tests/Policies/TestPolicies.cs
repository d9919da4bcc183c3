using Microsoft.Extensions.DependencyInjection;
using Portal.Policies;
using Portal.Tests.Support;

namespace Portal.Tests.Policies;

/// <summary>Shortcuts to set policies.</summary>
internal static class TestPolicies
{
    public static PolicyService Policies(this TestPortal portal) => portal.Services.GetRequiredService<PolicyService>();

    /// <param name="extensionId">Empty: the account.</param>
    public static async Task SetPolicyAsync(this TestPortal portal, PolicyRules rules, string extensionId = "")
    {
        var version = (await portal.Policies().ListAsync(portal.Administrator)).FirstOrDefault(policy => policy.ExtensionId == extensionId)?.Version ?? Guid.Empty;
        Assert.IsType<PolicyOutcome.Done>(await portal.Policies().SaveAsync(portal.Administrator, extensionId, rules, version));
    }
}
