using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Policies;
using Portal.Tests.Policies;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Approvals;

namespace Portal.Tests.Tokens.Approvals;

/// <summary>The changes and the rules that can require approval of them, and shortcuts for requests.</summary>
internal static class ApprovalCases
{
    /// <summary>Changes of a token, or a new one with a name. The expiration and the modules depend on the rule.</summary>
    public static readonly Dictionary<string, Func<TestPortal, Actor, string, string, ApprovalAsk?, Task<TokenOutcome>>> Changes = new()
    {
        ["create"] = (portal, actor, token, rule, ask) => portal.Tokens.CreateAsync(actor, TestTokens.Wanted($"New {token}") with { Modules = ModulesFor(portal, rule), ExpiresAt = EndFor(portal, rule), Ask = ask }),
        ["edit"] = async (portal, actor, token, rule, ask) => await portal.Tokens.EditAsync(
            actor, token, new TokenEdit($"Edited {token}", null, "Described", ModulesFor(portal, rule)) { Ask = ask }, (await portal.DetailsAsync(token)).Version),
        ["grant"] = (portal, actor, token, _, _) => portal.Tokens.GrantAsync(actor, token, TestTokens.Billing),
        ["renew"] = (portal, actor, token, rule, ask) => portal.Tokens.RenewAsync(actor, token, EndFor(portal, rule)!.Value, ask: ask),
        ["rotate"] = (portal, actor, token, rule, ask) => portal.Tokens.RotateAsync(actor, token, EndFor(portal, rule), TimeSpan.FromHours(1), ask: ask),
    };

    public static readonly Dictionary<string, PolicyRules> Rules = new()
    {
        ["module"] = new() { ApprovalModules = [TestTokens.Billing] },
        ["all"] = new() { ApprovalModules = [PolicyRules.AnyModule] },
        ["all of which one is named"] = new() { ApprovalModules = [TestTokens.Billing] },
        ["every"] = new() { ApprovalModules = [PolicyRules.AnyModule] },
        ["lifetime"] = new() { ApprovalLifetimeDays = 30 },
        ["perpetual"] = new() { ApprovalLifetimeDays = 30 },
    };

    /// <summary>The rules that can require approval of a change.</summary>
    public static IEnumerable<string> RulesFor(string change) => Rules.Keys.Where(rule => change switch
    {
        "grant" => rule == "module",
        "edit" => rule is not ("lifetime" or "perpetual"),
        "renew" => rule == "lifetime",
        "rotate" => rule is "lifetime" or "perpetual",
        _ => true,
    });

    public static ApprovalService Approvals(this TestPortal portal) => portal.Services.GetRequiredService<ApprovalService>();

    /// <summary>Sets a policy that names a module, and requests a token with it.</summary>
    public static async Task<long> RequestAsync(this TestPortal portal, string name = "Invoices", string? note = "For the new shop")
    {
        await portal.SetPolicyAsync(Rules["module"]);
        return Assert.IsType<TokenOutcome.Requested>(
            await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted(name, TestTokens.Billing) with { Ask = new ApprovalAsk(note) })).RequestId;
    }

    /// <summary>Stores requests in all states: of the Operator and of another one, and waiting ones whose time is over.</summary>
    public static async Task StoreRequestsAsync(this TestPortal portal, int count, bool someWait = true)
    {
        var ended = Enum.GetValues<ApprovalState>()[1..];
        await using var context = await portal.OpenAsync();
        context.ApprovalRequests.AddRange(Enumerable.Range(0, count).Select(i => new ApprovalRequest
        {
            AccountId = TestPortal.Account, Kind = AuditAction.TokenCreated, TokenName = $"Request {i}", ExtensionId = "EXT-000", Content = new ApprovalContent().Write(), Reasons = "{}",
            RequestedById = i % 3 == 2 ? "other" : portal.Operator.Id, RequestedByName = portal.Operator.Name,
            CreatedAt = portal.Now, EndsAt = portal.Now.AddDays(i % 9 == 8 ? 0 : 7), Version = Guid.CreateVersion7(),
            State = someWait && i % 2 == 0 ? ApprovalState.Waiting : ended[i / 2 % ended.Length],
        }));
        await context.SaveChangesAsync();
    }

    /// <summary>Adds a user with a role.</summary>
    public static async Task<Actor> AddUserAsync(this TestPortal portal, string id, Role role)
    {
        var actor = new Actor(ActorKind.User, id, $"The {id}", TestPortal.Account, role) { SecurityStamp = TestUsers.StampOf(id) };
        await using var context = await portal.OpenAsync();
        context.AddUser(actor);
        await context.SaveChangesAsync();
        return actor;
    }

    private static ModuleChoice ModulesFor(TestPortal portal, string rule) => rule switch
    {
        "module" => new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing]),
        "all" or "all of which one is named" => ModuleChoice.All,
        "every" => new ModuleChoice(false, [.. portal.Catalog.Modules.Select(module => module.Id)]),
        _ => new ModuleChoice(false, [TestTokens.Agreements]),
    };

    private static DateTime? EndFor(TestPortal portal, string rule) => rule switch { "lifetime" => portal.Now.AddDays(60), "perpetual" => null, _ => portal.Now.AddDays(10) };
}
