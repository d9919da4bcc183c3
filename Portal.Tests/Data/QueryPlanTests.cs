using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Demo;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

/// <summary>No operation takes longer with more tokens, except those that are listed here with a reason.</summary>
[SqliteOnly]
public sealed class QueryPlanTests
{
    private const string CountedOnce = "Counts what the filter finds. TokenFinder remembers the number until a token changes.";

    /// <summary>Operations that read a whole table, with the reason.</summary>
    internal static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["AddressChecker.CheckAsync"] = "The first operation that needs the index of the search reads all tokens into it.",
        ["AuditChecker.CheckAsync"] = "Checks every entry, some at a time.",
        ["IpRulePreviewer.AddAsync"] = "A rule for all tokens is compared with every address seen in the last 30 days.",
        ["IpRulePreviewer.RemoveAsync"] = "A rule for all tokens is compared with every address seen in the last 30 days.",
        ["KnownSecrets.ReadAsync"] = "Reads the hashes of all secrets once, after the start.",
        ["PolicyPreviewer.PreviewAsync"] = "Before a policy is saved, it is compared with all tokens. Each query ends after 10,000 tokens.",
        ["TokenReader.ListAsync of a status"] = CountedOnce,
        ["TokenReader.ListAsync with deleted"] = CountedOnce,
        ["TokenReader.ListDeletedAsync"] = CountedOnce,
    };

    /// <summary>Tables that stay small: accounts, people, settings, views, and one row for each account.</summary>
    private static readonly string[] SmallTables =
    [
        "Accounts", "AuditTrims", "Installation", "TokenTallies", "IpRules", "SavedViews", "OneTimeLinks", "UserSessions", "UserSecondFactors", "RecoveryCodes",
        "UserPasskeys", "ScimGroups", "ScimGroupMembers", "ScimUsers", "TokenOwners",
        "AuditStreamCursors", "CalendarFeeds", "NoticeSettings", "TokenPolicies", "TokenTemplates", "WebhookEndpoints",
    ];

    /// <summary>The demonstration, a startup check that tries some stored keys, its only row, a class that replaces <see cref="CredentialReader"/> on
    /// PostgreSQL, and tables that only PostgreSQL has, which are read by primary key.</summary>
    private static readonly Type[] NotOperations =
        [typeof(DemoData), typeof(KeyRingCheck), typeof(EncryptedProof), typeof(PostgresCredentialReader), typeof(PostgresFailures), typeof(PostgresPageStates)];

    [Fact]
    public async Task Operations_AnyNumberOfTokens_SearchByIndex()
    {
        var recorder = new StatementRecorder();
        await using var portal = await TestPortal.CreateAsync(services: recorder.Register);
        var scans = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, run) in DatabaseOperations.All)
        {
            var subject = await Subject.CreateAsync(portal);
            recorder.Take();
            await run(subject);
            if (await FirstScanAsync(portal, recorder.Take()) is { } scan)
                scans.Add(name, scan);
        }

        Assert.All(scans, scan => Assert.Contains(scan.Key, Exceptions));
        Assert.Empty(Exceptions.Keys.Except(scans.Keys)); // An exception that is no longer needed.
    }

    [Fact]
    public void Operations_NewMethodOfAService_IsAmongThem()
    {
        var operations = DatabaseOperations.All.Keys.Select(name => name.Split(' ')[0]).ToHashSet();
        var methods =
            from type in typeof(PortalDbContext).Assembly.GetTypes()
            where type.IsClass && !type.IsNestedPrivate && !NotOperations.Contains(type) && type.GetConstructors().Any(UsesDatabase)
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where (method.IsPublic || method.IsAssembly) && method.GetBaseDefinition() == method && IsAsynchronous(method) && !method.Name.Contains('<')
            select $"{type.Name}.{method.Name}";

        Assert.Empty(methods.Distinct().Except(operations));
    }

    [Fact]
    public async Task Tables_NewOne_IsKnownToGrowOrToStaySmall()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var tables = context.Model.GetEntityTypes().Select(entity => entity.GetTableName()!).Where(table => !table.StartsWith("AspNet", StringComparison.Ordinal));

        Assert.Empty(tables.Distinct().Except(QueryPlan.GrowingTables).Except(SmallTables));
    }

    [Fact]
    public async Task GrowingSteps_RankingOfAllSecrets_AreFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var ranked = context.Tokens.Include(token => token.Secrets.OrderByDescending(secret => secret.Id).Take(2)).AsSingleQuery();

        var plan = await QueryPlan.ReadAsync(context, ranked.Where(token => token.Handle == "SU-000-000-000").ToQueryString());

        Assert.Contains(plan.GrowingSteps(), step => step.StartsWith("SCAN TokenSecrets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task GrowingSteps_RankingOfOneTokensSecrets_IsFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var ranked = context.Tokens.AsSingleQuery().Where(token => token.Id == 1).SelectMany(token => token.Secrets.OrderByDescending(secret => secret.Id).Take(2));

        var plan = await QueryPlan.ReadAsync(context, ranked.ToQueryString());

        Assert.Contains(plan.GrowingSteps(), step => step == "RANK Tokens, TokenSecrets");
    }

    [Fact]
    public async Task GrowingSteps_OneRowByAColumnWithoutAnIndex_AreFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var plan = await QueryPlan.ReadAsync(
            context, """SELECT "t"."Id" FROM "Tokens" AS "t" WHERE "t"."AccountId" = 'PA-100-200' AND "t"."Description" = 'Nightly' LIMIT 2""");

        Assert.Contains(plan.GrowingSteps(), step => step.StartsWith("SEARCH Tokens", StringComparison.Ordinal));
    }

    private static async Task<string?> FirstScanAsync(TestPortal portal, IReadOnlyList<string> statements)
    {
        await using var context = await portal.OpenAsync();
        foreach (var statement in statements.Where(IsPlanned))
            foreach (var step in (await QueryPlan.ReadAsync(context, statement)).GrowingSteps())
                return $"{step} in {statement}";
        return null;
    }

    /// <summary>Settings, transactions and trigger comments have no plan.</summary>
    private static bool IsPlanned(string statement) =>
        statement.TrimStart() is var text && (text.StartsWith("SELECT", StringComparison.Ordinal) || text.StartsWith("INSERT", StringComparison.Ordinal)
            || text.StartsWith("UPDATE", StringComparison.Ordinal) || text.StartsWith("DELETE", StringComparison.Ordinal) || text.StartsWith("WITH", StringComparison.Ordinal));

    private static bool UsesDatabase(ConstructorInfo constructor) => constructor.GetParameters().Any(parameter =>
        parameter.ParameterType == typeof(PortalDbContext) || parameter.ParameterType == typeof(IDbContextFactory<PortalDbContext>));

    private static bool IsAsynchronous(MethodInfo method) =>
        typeof(Task).IsAssignableFrom(method.ReturnType)
        || (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>));
}
