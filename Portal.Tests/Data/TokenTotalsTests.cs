using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class TokenTotalsTests
{
    /// <summary>Columns that never change after creation, or only together with another one (the keys of the name).</summary>
    private static readonly string[] Constant =
    [
        nameof(Token.Id), nameof(Token.AccountId), nameof(Token.Handle), nameof(Token.NameKey), nameof(Token.NameSortKey), nameof(Token.CreationId), nameof(Token.ExtensionId),
        nameof(Token.ExtensionName), nameof(Token.CreatedAt), nameof(Token.CreatedByKind), nameof(Token.CreatedById), nameof(Token.CreatedByName),
    ];

    /// <summary>Columns by which no list filters or sorts, or whose results are never cached (the last use).</summary>
    private static readonly string[] Unlisted =
    [
        nameof(Token.RateLimit), nameof(Token.MayOutlive), nameof(Token.Contact), nameof(Token.UpdatedAt), nameof(Token.UpdatedById), nameof(Token.UpdatedByName),
        nameof(Token.LastUsedAt), nameof(Token.LastUsedAddress), nameof(Token.LastUsedModuleId), nameof(Token.LastUsedClient), nameof(Token.Version),
        nameof(Token.ListVersion), nameof(Token.NoticeDays),
    ];

    /// <summary>The finder caches counts and orders until the version of the totals changes. A new column is in the trigger or in one of the lists
    /// above.</summary>
    [Fact]
    public async Task Version_ChangesWithEveryColumnThatListsFindOrOrderBy()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var trigger = await context.Database.SqlQueryRaw<string>(TestDatabase.IsPostgres
            ? """SELECT pg_get_triggerdef(oid) AS "Value" FROM pg_trigger WHERE tgname = 'TR_Tokens_Update'"""
            : """SELECT "sql" AS "Value" FROM "sqlite_master" WHERE "name" = 'TR_Tokens_Update'""").SingleAsync(TestContext.Current.CancellationToken);
        var columns = trigger[..trigger.LastIndexOf(" ON ", StringComparison.Ordinal)];
        var stored = context.Model.FindEntityType(typeof(Token))!.GetProperties().Select(property => property.Name).ToList();
        Assert.Contains(nameof(Token.ExpiresAt), stored);
        Assert.Equal([], stored.Except(Constant).Except(Unlisted).Where(column => !columns.Contains($"\"{column}\"", StringComparison.Ordinal)));
    }

    /// <summary>The index of the search reads the tokens with new numbers.</summary>
    [Fact]
    public async Task ListVersion_GrantedAndRevokedModule_IsNew()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.CreateAsync(name: "Another");
        var before = await VersionAsync(portal, handle);

        await portal.Tokens.GrantAsync(portal.Operator, handle, TestTokens.Billing, null, TestContext.Current.CancellationToken);
        var granted = await VersionAsync(portal, handle);
        await portal.Tokens.RevokeAsync(portal.Operator, handle, [TestTokens.Billing], null, TestContext.Current.CancellationToken);
        var revoked = await VersionAsync(portal, handle);

        Assert.True(before < granted && granted < revoked, $"{before} {granted} {revoked}");
        await using var context = await portal.OpenAsync();
        Assert.Equal(revoked, await context.TokenTotals.Where(totals => totals.AccountId == TestPortal.Account).Select(totals => totals.Version).SingleAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<long> VersionAsync(TestPortal portal, string handle)
    {
        await using var context = await portal.OpenAsync();
        return await context.Tokens.Where(token => token.Handle == handle).Select(token => token.ListVersion).SingleAsync(TestContext.Current.CancellationToken);
    }
}
