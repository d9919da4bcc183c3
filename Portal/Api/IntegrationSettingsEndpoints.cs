using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Authentication;
using Portal.IpRules;

namespace Portal.Api;

/// <summary>The settings of the Integrations module: the addresses that may use the account's tokens.</summary>
internal static class IntegrationSettingsEndpoints
{
    /// <summary>Returns the rules for all tokens of the account. Without rules, every address is allowed. The contract has no field for the
    /// rules of single tokens.</summary>
    public static async Task<Ok<SettingsBody>> GetAsync(ApiCaller caller, IpRuleService rules, CancellationToken cancellation)
    {
        var all = await rules.ListAsync(ApiActor.ReaderOf(caller), cancellation);
        return TypedResults.Ok(new SettingsBody(new AclBody([.. all.Where(rule => rule.Token is null).Select(BodyOf)])));
    }

    private static IpRangeBody BodyOf(IpRuleEntry rule)
    {
        var (first, last) = rule.Range.Write();
        return new IpRangeBody(rule.Label ?? "", [first, last]);
    }
}
