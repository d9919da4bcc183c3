using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests;

/// <summary>Checks which part may use which, as shown in docs/architecture.md, against the compiled types and their dependencies.</summary>
public sealed class ArchitectureTests
{
    /// <summary>The parts of the application and the parts that each may use. Everything that renders pages is the part <c>Pages</c>.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Addresses"] = ["Localization"],
        ["Secrets"] = [],
        ["Data"] = ["Localization", "Secrets"],
        ["Wire"] = [],
        ["Localization"] = [],
        ["Access"] = ["Data"],
        ["Catalog"] = [],
        ["Audit"] = ["Data", "Access"],
        ["Statistics"] = ["Addresses", "Data", "Access"],
        ["Nodes"] = ["Data", "Access"],
        ["Mail"] = [],
        ["Policies"] = ["Data", "Access", "Audit", "Catalog", "Localization"],
        ["Accounts"] = ["Addresses", "Data", "Access", "Audit", "Localization", "Mail", "Policies"],
        ["IpRules"] = ["Addresses", "Data", "Access", "Audit", "Localization", "Policies"],
        ["Tokens"] = ["Addresses", "Data", "Access", "Audit", "Catalog", "IpRules", "Localization", "Policies"],
        ["Webhooks"] = ["Addresses", "Data", "Access", "Audit", "Catalog", "Tokens", "Localization"],
        ["Notices"] = ["Data", "Access", "Audit", "Statistics", "Localization", "Mail", "Tokens"],
        ["Authentication"] = ["Addresses", "Data", "Secrets", "Wire", "Catalog", "Statistics", "IpRules", "Tokens"],
        ["Api"] = ["Addresses", "Data", "Wire", "Access", "Catalog", "Statistics", "Accounts", "IpRules", "Tokens", "Authentication"],
        ["Scim"] = ["Addresses", "Data", "Access", "Accounts", "Audit"],
        ["Gateway"] = ["Addresses", "Data", "Wire", "Catalog", "Statistics", "Authentication"],
        ["Pages"] = ["Addresses", "Data", "Access", "Audit", "Catalog", "Statistics", "Accounts", "IpRules", "Nodes", "Policies", "Notices", "Tokens", "Webhooks", "Localization"],
        ["Demo"] = ["Addresses", "Data", "Access", "Accounts", "Audit", "Catalog", "Statistics", "Tokens"],
        ["Commands"] = ["Data", "Access", "Accounts", "Audit", "Authentication", "Catalog", "Hosting", "Mail", "Secrets"],
        ["Hosting"] = ["Addresses", "Data", "Secrets", "Wire", "Accounts", "Audit", "Authentication", "Demo", "Gateway", "Notices", "Scim", "Statistics", "Tokens"],
    };

    /// <summary>Namespaces whose types are pages, or serve them.</summary>
    private static readonly string[] Pages =
        ["Portal.Components", "Portal.Tokens.List", "Portal.Tokens.Create", "Portal.Tokens.Details", "Portal.Tokens.Dialogs", "Portal.Tokens.Bulk.Screen", "Portal.Tokens.Templates.Screen", "Portal.Tokens.Approvals.Screen", "Portal.Tokens.Shared", "Portal.IpRules.Screen", "Portal.Integrations", "Portal.Nodes.Screen", "Portal.Policies.Screen", "Portal.Webhooks.Screen", "Portal.Audit.Screen", "Portal.Notices.Screen", "Portal.Accounts.Users.Screen", "Portal.Accounts.Profile.Screen", "Portal.Accounts.Sessions.Screen", "Portal.Accounts.SecondFactor.Screen", "Portal.Accounts.SingleSignOn.Screen", "Portal.Accounts.Passkeys.Screen"];

    /// <summary>Parts that answer HTTP requests.</summary>
    private static readonly string[] WebParts = ["Wire", "Authentication", "Api", "Scim", "Gateway", "Pages", "Hosting"];

    /// <summary>Types of other parts that read or write cookies and redirects, or call Identity with a request.</summary>
    private static readonly string[] WebTypes =
    [
        "CurrentActor", "ClientAddressClaim", "FirstRunRedirect", "SessionCookie", "DeviceCookie", "PreferenceCookies", "PortalClaims", "SignInService", "BrowserSignIn", "SessionStarter",
        "PendingSignIn", "InvitationCookie", "ProviderSchemes", "ShortCookie", "ProviderEvents", "ProviderHandler", "ProviderCallback",
        "PasskeyCeremonies", "PasskeyCookie", "SecondFactorRedirect",
    ];

    private static readonly string[] WebNamespaces =
        ["Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Mvc", "Microsoft.JSInterop", "MudBlazor"];

    private static readonly ArchUnitNET.Domain.Architecture Application =
        new ArchLoader().LoadAssembly(typeof(PortalDbContext).Assembly).Build();

    private static readonly Dictionary<string, IType> PortalTypes = Application.Types
        .Where(type => NamespaceOf(type).StartsWith("Portal.", StringComparison.Ordinal)).DistinctBy(type => type.FullName).ToDictionary(type => type.FullName, StringComparer.Ordinal);

    [Fact]
    public void Parts_UseOnlyPartsThatTheyMayUse()
    {
        Assert.True(PortalTypes.Count > 500);
        var violations =
            from type in PortalTypes.Values
            let part = PartOf(type)
            from used in type.Dependencies.Select(dependency => dependency.Target).Distinct()
            where PortalTypes.ContainsKey(used.FullName)
            let other = PartOf(used)
            where other != part && !IsCompositionType(type) && !MayUse[part].Contains(other)
            select $"{type.FullName} uses {used.FullName}";
        AssertNone(violations.Distinct().Order());
    }

    /// <summary>Tables, headers and pagers get their content as parameters, so that every feature can use them.</summary>
    [Fact]
    public void SharedComponents_UseNoFeature()
    {
        string[] features = ["Accounts", "Api", "Authentication", "Catalog", "Gateway", "IpRules", "Policies", "Statistics", "Tokens"];
        var violations =
            from type in PortalTypes.Values
            where NamespaceOf(type) == "Portal.Components.Shared"
            from used in type.Dependencies.Select(dependency => dependency.Target).Distinct()
            where features.Any(feature => (NamespaceOf(used) + ".").StartsWith($"Portal.{feature}.", StringComparison.Ordinal))
            select $"{type.FullName} uses {used.FullName}";
        AssertNone(violations.Distinct().Order());
    }

    [Fact]
    public void Parts_AreAllInTheTable() => Assert.Empty(PortalTypes.Values.Select(PartOf).Distinct().Except(MayUse.Keys));

    /// <summary>An unneeded entry would hide a new dependency.</summary>
    [Fact]
    public void Table_HasNoEntryThatIsNotUsed()
    {
        var used = (
            from type in PortalTypes.Values
            from target in type.Dependencies.Select(dependency => dependency.Target)
            where PortalTypes.ContainsKey(target.FullName)
            select (PartOf(type), PartOf(target))).ToHashSet();
        AssertNone(MayUse.SelectMany(part => part.Value.Select(other => (part.Key, other))).Except(used).Select(entry => $"{entry.Item1} uses nothing of {entry.Item2}"));
    }

    [Fact]
    public void Document_ShowsTheTable()
    {
        var rows = File.ReadLines(Path.Combine(Built.SourceRoot, "docs", "architecture.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 5 && cells[1].StartsWith('`'));
        Assert.Equal(
            MayUse.Select(part => $"`{part.Key}`: {string.Join(", ", part.Value.Order(StringComparer.Ordinal).Select(other => $"`{other}`"))}").Order(StringComparer.Ordinal),
            rows.Select(cells => $"{cells[1]}: {cells[3]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Services_DoNotUseTheWeb() => AssertNone(Uses(
        type => !WebParts.Contains(PartOf(type)) && !IsCompositionType(type) && !WebTypes.Contains(type.Name),
        dependency => WebNamespaces.Any(name => IsBelow(NamespaceOf(dependency.Target), name))));

    /// <summary>The details of an audit entry, templates and requests for approval are stored as JSON; no client reads them. Commands print JSON for scripts, and the messages of webhooks are JSON.</summary>
    [Fact]
    public void Services_DoNotUseJson() => AssertNone(Uses(
        type => !WebParts.Contains(PartOf(type)) && PartOf(type) is not ("Audit" or "Commands" or "Webhooks") && type.Name is not ("TemplateContent" or "ApprovalContent"),
        dependency => IsBelow(NamespaceOf(dependency.Target), "System.Text.Json")));

    [Fact]
    public void Database_OnlyDataKnowsTheProvider() => AssertNone(Uses(
        type => PartOf(type) != "Data",
        dependency => NamespaceOf(dependency.Target).Contains("Sqlite", StringComparison.Ordinal) || dependency.Target.Name.Contains("Sqlite", StringComparison.Ordinal)
            || IsBelow(NamespaceOf(dependency.Target), "Npgsql")
            || dependency is MethodCallDependency { TargetMember.Name: var method } && (method.StartsWith("ExecuteSql", StringComparison.Ordinal)
                || method.StartsWith("FromSql", StringComparison.Ordinal) || method.StartsWith("SqlQuery", StringComparison.Ordinal))));

    [Fact]
    public void Database_WithinDataOnlyTheFolderSqliteKnowsTheProvider() => AssertNone(Uses(
        type => PartOf(type) == "Data" && !IsBelow(NamespaceOf(type), "Portal.Data.Sqlite"),
        dependency => IsBelow(NamespaceOf(dependency.Target), "Microsoft.Data.Sqlite") || IsBelow(NamespaceOf(dependency.Target), "SQLitePCL")
            || dependency is MethodCallDependency { TargetMember.Name: var method } && method.StartsWith("UseSqlite", StringComparison.Ordinal)));

    [Fact]
    public void Database_WithinDataOnlyTheFolderPostgresKnowsTheProvider() => AssertNone(Uses(
        type => PartOf(type) == "Data" && !IsBelow(NamespaceOf(type), "Portal.Data.Postgres"),
        dependency => IsBelow(NamespaceOf(dependency.Target), "Npgsql")
            || dependency is MethodCallDependency { TargetMember.Name: var method } && method.StartsWith("UseNpgsql", StringComparison.Ordinal)));

    /// <summary>The checks above include the bodies of asynchronous methods, iterators and lambdas.</summary>
    [Fact]
    public void Dependencies_IncludeThoseOfGeneratedCode() => Assert.Contains(
        PortalTypes["Portal.Tokens.TokenService"].Dependencies, dependency => dependency.Target.FullName == "Portal.Data.TokenSecret");

    private static void AssertNone(IEnumerable<string> faults)
    {
        var all = string.Join('\n', faults);
        Assert.True(all.Length == 0, all);
    }

    private static IEnumerable<string> Uses(Func<IType, bool> isMeant, Func<ITypeDependency, bool> isFault) => (
        from type in PortalTypes.Values.Where(isMeant)
        from dependency in type.Dependencies.Where(isFault)
        select $"{type.FullName} uses {dependency.Target.FullName}").Distinct().Order();

    private static string PartOf(IType type)
    {
        var name = NamespaceOf(type);
        return Pages.Any(page => IsBelow(name, page)) || IsComponent(type) ? "Pages" : name.Split('.')[1];
    }

    private static bool IsComponent(IType type) => type is Class @class && @class.InheritedClasses.Any(parent => parent.Name == "ComponentBase");

    /// <summary>Whether the type adds a part to the application or redirects pages to the setup page: these types register what they must
    /// know.</summary>
    private static bool IsCompositionType(IType type) => type.Name.EndsWith("Extensions", StringComparison.Ordinal) || type.Name == "FirstRunRedirect";

    private static bool IsBelow(string name, string parent) => name == parent || name.StartsWith(parent + '.', StringComparison.Ordinal);

    private static string NamespaceOf(IType type) => type.Namespace?.FullName ?? "";
}
