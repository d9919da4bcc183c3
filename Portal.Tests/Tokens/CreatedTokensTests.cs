using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Tokens that were created with a token are recognized as such.</summary>
public sealed class CreatedTokensTests
{
    [Fact]
    public async Task FindDescendants_ChildrenOfChildren_AreFoundThroughThoseThatAreNotWanted()
    {
        await using var portal = await TestPortal.CreateAsync();
        var root = (await portal.CreateAsync(name: "Root")).Handle;
        var child = await ChildAsync(portal, root, "Child");
        var grandchild = await ChildAsync(portal, child, "Grandchild");
        await ChildAsync(portal, await ChildAsync(portal, (await portal.CreateAsync(name: "Other")).Handle, "Other's child"), "Other's grandchild");
        await portal.Tokens.DeleteAsync(portal.Administrator, child);

        var all = await portal.Reader.FindDescendantsAsync(portal.Viewer, root, _ => true);
        var active = await portal.Reader.FindDescendantsAsync(portal.Viewer, root, status => status == StoredStatus.Active);

        Assert.Equal([(child, "Child", root), (grandchild, "Grandchild", child)], all.Tokens.Select(token => (token.Handle, token.Name, token.CreatedBy)));
        Assert.Equal([grandchild], active.Tokens.Select(token => token.Handle));
        Assert.True(all.AreAll && active.AreAll);
        Assert.Empty((await portal.Reader.FindDescendantsAsync(portal.OtherAccountActor, root, _ => true)).Tokens);
    }

    [Fact]
    public async Task FindDescendants_TooMany_SaysThatThereAreMore()
    {
        await using var portal = await TestPortal.CreateAsync();
        var root = (await portal.CreateAsync(name: "Root")).Handle;
        for (var number = 0; number <= TokenReader.MostDescendants; number++)
            await ChildAsync(portal, root, $"Child {number}");

        var found = await portal.Reader.FindDescendantsAsync(portal.Viewer, root, _ => true);

        Assert.Equal((TokenReader.MostDescendants, false), (found.Tokens.Count, found.AreAll));
    }

    [Fact]
    public async Task List_CreatedBy_FindsThatTokensOwn()
    {
        await using var portal = await TestPortal.CreateAsync();
        var root = (await portal.CreateAsync(name: "Root")).Handle;
        var (first, second) = (await ChildAsync(portal, root, "First"), await ChildAsync(portal, root, "Second"));
        await ChildAsync(portal, first, "Grandchild");
        await portal.Tokens.DeleteAsync(portal.Administrator, second);

        Assert.Equal(["First"], (await portal.ListAsync(new TokenQuery { CreatedBy = root })).Select(row => row.Name));
        Assert.Equal(["Second", "First"], (await portal.ListAsync(new TokenQuery { CreatedBy = root, WithDeleted = true })).Select(row => row.Name));
        Assert.Equal((root, null), ((await portal.DetailsAsync(first)).CreatorHandle, (await portal.DetailsAsync(root)).CreatorHandle));
    }

    [SqliteOnly]
    [Fact]
    public async Task Queries_ForCreatedTokens_UseTheirIndex()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var (account, handle) = (TestPortal.Account, "SU-160-984-311");
        var own = context.Tokens.Where(token => token.AccountId == account && token.CreatedByKind == CreatorKind.Token && token.CreatedById == handle);

        foreach (var query in new IQueryable[]
                 {
                     TokenReader.CreatedBy(context, account, [handle, "SU-160-984-312"]), own.Select(token => token.Id), own.Where(token => token.DeletedAt == null).Select(token => token.Id),
                 })
        {
            var plan = await PlanAsync(context, query.CreateDbCommand());
            Assert.Contains("INDEX IX_Tokens_CreatedByToken", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("SCAN t", plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Edit_MayOutlive_IsForAdministratorsAndAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var byToken = new Actor(ActorKind.Token, handle, "Itself", TestPortal.Account, Role.Administrator);

        foreach (var actor in new[] { portal.Operator, byToken })
            Assert.IsType<TokenOutcome.Forbidden>(await EditAsync(portal, actor, handle, true));
        Assert.False((await portal.DetailsAsync(handle)).MayOutlive);

        Assert.IsType<TokenOutcome.Done>(await EditAsync(portal, portal.Administrator, handle, true));
        Assert.True((await portal.DetailsAsync(handle)).MayOutlive);
        Assert.Contains("\"may_outlive\":{\"before\":\"no\",\"after\":\"yes\"}", (await portal.AuditAsync())[^1].Details, StringComparison.Ordinal);
        // An operator's edit may keep the value.
        foreach (var same in new bool?[] { true, null })
            Assert.IsType<TokenOutcome.Done>(await EditAsync(portal, portal.Operator, handle, same));
        Assert.IsType<TokenOutcome.Forbidden>(await EditAsync(portal, portal.Operator, handle, false));
    }

    /// <summary>Creates a token in the same way as a request with the other token's key.</summary>
    internal static async Task<string> ChildAsync(TestPortal portal, string creator, string name)
    {
        var actor = new Actor(ActorKind.Token, creator, $"Token {creator}", TestPortal.Account, Role.Administrator);
        return (await portal.CreateAsync(actor, TestTokens.Wanted(name) with { EndsWithCreator = true })).Handle;
    }

    private static async Task<TokenOutcome> EditAsync(TestPortal portal, Actor actor, string handle, bool? mayOutlive)
    {
        var token = await portal.DetailsAsync(handle);
        return await portal.Tokens.EditAsync(
            actor, handle, new TokenEdit(token.Name, null, Guid.CreateVersion7().ToString(), token.Choice, MayOutlive: mayOutlive), token.Version);
    }

    private static async Task<string> PlanAsync(PortalDbContext context, DbCommand command)
    {
        await context.Database.OpenConnectionAsync();
        command.CommandText = $"EXPLAIN QUERY PLAN {command.CommandText}";
        await using var rows = await command.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await rows.ReadAsync())
            plan.Add(rows.GetString(3));
        return string.Join('\n', plan);
    }
}
