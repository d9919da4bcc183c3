using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Authentication;
using Portal.IpRules;

namespace Portal.Api;

/// <summary>The settings of the module Integrations: the addresses that may use the account's tokens.</summary>
internal static class IntegrationSettingsEndpoints
{
    /// <summary>The rules for all tokens of the account; no rule: every address is allowed. The rules of single tokens have no
    /// place in the contract.</summary>
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
