using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Access;

/// <summary>What every interactive page shows and offers to every kind of visitor who is signed in. The pages are those of the application: a new one
/// fails the test until it is in the table. <c>EndpointAccessTests</c> checks who gets that far.</summary>
public sealed class PageAccessTests : PageTestContext
{
    private const string TokenName = "Nightly export", Ended = "ended";
    private const string Profile = "Your profile: Save name, Save notices, Create address, Add passkey, Set up authenticator app";
    private const string General = "General: Copy the API endpoint";
    private const string Create = "Create token: Next";
    private const string EditPolicy = "Policy: All tokens: Show affected tokens, Save policy", NoPolicy = "Policy: All tokens, note";
    private const string NoneDeleted = "Deleted tokens: Back to Tokens";
    private const string NewTemplate = "New template: Save template", NoTemplate = "New template, note", Templates = "Templates: New template";
    private const string NobodyElse = "Users, note";
    private const string ManageRules = "IP rules: Try without saving, Add rule, Propose rules for all tokens, Check";

    /// <summary>Without PostgreSQL, the page says that there is only one.</summary>
    private static readonly string AllNodes = TestDatabase.IsPostgres ? "Nodes" : "Nodes, note";

    /// <summary>The visitors, in the order of the table.</summary>
    private static readonly string[] Visitors = ["Stranger", "Viewer", "Operator", "Administrator", "Ended"];

    /// <summary>The actions that change or reveal something.</summary>
    private static readonly string[] Actions =
    [
        "Add endpoint", "Add passkey", "Add rule", "Back to Tokens", "Back to Webhooks", "Change password", "Check", "Copy", "Copy the API endpoint", "Create address", "Create token", "Edit", "Invite user", "New template", "Next", "Propose rules for all tokens", "Remove me", "Save changes", "Save name", "Save notices", "Save policy", "Save template",
        "Set up authenticator app", "Show affected tokens", "Try without saving", "View", $"Actions for {TokenName}", "Actions for An Operator", "Actions for An Viewer",
    ];

    /// <summary>The heading, the token and other users that the page shows, and the actions that it offers.</summary>
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["ApprovalPage"] = ["No such request", "Approvals, note", "No such request", "No such request", Ended],
        ["ApprovalsPage"] = ["Approvals", "Approvals, note", "Approvals", "Approvals", Ended],
        ["AuditPage"] = ["Audit log", "Audit log, note", "Audit log, note", "Audit log, token", Ended],
        ["DeletedTokenList"] = [NoneDeleted, NoneDeleted, NoneDeleted, NoneDeleted, Ended],
        ["Home"] = ["", "", "", "", Ended], // Leads to the list.
        ["IntegrationsPage"] = [General, General, General, General, General], // The address of the API, which isn't a secret.
        ["IpRulesPage"] = [ManageRules, "IP rules", "IP rules", ManageRules, Ended],
        ["NotMinePage"] = ["No such token: Back to Tokens", "Not mine any more, token", "Not mine any more, token: Remove me", "Not mine any more, token", Ended],
        ["NodesPage"] = [AllNodes, "Nodes, note", "Nodes, note", AllNodes, Ended],
        ["PoliciesPage"] = ["Policies", "Policies, note", "Policies, note", "Policies", Ended],
        ["PolicyEditPage"] = [EditPolicy, NoPolicy, NoPolicy, EditPolicy, Ended],
        ["ProfilePage"] = [Profile, Profile, Profile, Profile, Ended],
        ["TemplateEditPage"] = [NewTemplate, NoTemplate, NoTemplate, NewTemplate, Ended],
        ["TemplatesPage"] = [Templates, "Templates, note", "Templates", Templates, Ended],
        ["TokenCreate"] = [Create, "Create token: Back to Tokens", Create, Create, Ended],
        ["TokenDetailsPage"] =
        [
            "No such token: Back to Tokens", $"{TokenName}, token", $"{TokenName}, token: Edit, Actions for {TokenName}, View, Copy", $"{TokenName}, token: Edit, Actions for {TokenName}, View, Copy, Add rule", Ended,
        ],
        ["TokenEditPage"] = ["Edit token: Back to Tokens", "Edit token: Back to Tokens", "Edit token, token: Save changes", "Edit token, token: Save changes", Ended],
        ["TokenList"] =
        [
            "Tokens: Create token", "Tokens, token", $"Tokens, token: Create token, Actions for {TokenName}", $"Tokens, token: Create token, Actions for {TokenName}", Ended,
        ],
        ["WebhookPage"] = ["No such endpoint: Back to Webhooks", "Webhooks, note", "Webhooks, note", "No such endpoint: Back to Webhooks", Ended],
        ["WebhooksPage"] = ["Webhooks: Add endpoint", "Webhooks, note", "Webhooks, note", "Webhooks: Add endpoint", Ended],
        ["UsersPage"] = ["Users: Invite user", NobodyElse, NobodyElse, "Users, people: Invite user, Actions for An Operator, Actions for An Viewer", Ended],
    };

    public static TheoryData<string> VisitorNames => [.. Visitors];

    [Theory]
    [MemberData(nameof(VisitorNames))]
    public async Task Pages_OpenedByAVisitor_ShowWhatTheTableSays(string visitor)
    {
        var handle = (await Server.CreateAsync(name: TokenName)).Handle;
        SignIn(visitor switch
        {
            "Stranger" => Server.OtherAccountActor,
            "Viewer" => Server.Viewer,
            "Operator" => Server.Operator,
            "Administrator" => Server.Administrator,
            _ => Server.Administrator with { SecurityStamp = "former" },
        });
        var pages = typeof(AccessControl).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(RouteAttribute), inherit: false) && !type.IsDefined(typeof(ExcludeFromInteractiveRoutingAttribute), inherit: false)).ToList();
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), pages.Select(page => page.Name).Order(StringComparer.Ordinal));

        foreach (var type in pages)
        {
            var expected = Expected[type.Name][Array.IndexOf(Visitors, visitor)];
            if (expected == Ended)
                Assert.Throws<SessionEndedException>(() => Open(type, handle));
            else if (Open(type, handle) is var page)
                page.WaitForAssertion(() => Assert.Equal($"{type.Name}: {expected}", $"{type.Name}: {OutcomeOf(page)}"));
        }
    }

    private IRenderedComponent<IComponent> Open(Type type, string handle) => Render(builder =>
    {
        builder.OpenComponent(0, type);
        if (type.GetProperty("Handle") is not null)
            builder.AddComponentParameter(1, "Handle", handle);
        builder.CloseComponent();
    });

    private static string OutcomeOf(IRenderedComponent<IComponent> page)
    {
        string[] shown =
        [
            .. page.FindAll("h1").Select(heading => heading.Words()), .. page.FindAll(".note").Take(1).Select(_ => "note"),
            .. page.Markup.Contains(TokenName, StringComparison.Ordinal) ? ["token"] : Array.Empty<string>(),
            .. page.FindAll("td").Any(cell => cell.TextContent.Contains("user-Viewer@example.com", StringComparison.Ordinal)) ? ["people"] : Array.Empty<string>(),
        ];
        var actions = page.FindAll("button, a").Select(action => action.GetAttribute("aria-label") ?? action.Words()).Where(Actions.Contains).Distinct().ToList();
        return string.Join(", ", shown) + (actions.Count == 0 ? "" : ": " + string.Join(", ", actions));
    }
}
