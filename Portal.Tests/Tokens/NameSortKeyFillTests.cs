using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Localization;
using Portal.Tests.Support;
using Portal.Tests.Tokens.Bulk;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Names that were stored before Portal kept sort keys, or with another version of ICU.</summary>
public sealed class NameSortKeyFillTests
{
    private static readonly TokenQuery ByName = new() { Sort = TokenSort.Name, Descending = false, ExtensionId = "EXT-000" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fill_MissingKeys_SortsTheNamesAndUpdatesOpenLists()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["Zebra", "token 10", "Ärzte", "Token 2"])
            await portal.CreateAsync(name: name);
        await portal.Tokens.DeleteAsync(portal.Administrator, (await portal.CreateAsync(name: "Deleted")).Handle, cancellation: Cancellation);
        await portal.ExecuteAsync("UPDATE Tokens SET NameSortKey = NULL");
        // This order is cached.
        Assert.Equal(["Zebra", "token 10", "Ärzte", "Token 2"], await NamesAsync(portal));
        var version = await portal.Services.GetRequiredService<TokenListVersion>().ReadAsync(portal.Viewer, Cancellation);

        Assert.Equal(5, await FillAsync(portal));

        Assert.Equal(["Ärzte", "Token 2", "token 10", "Zebra"], await NamesAsync(portal));
        Assert.Equal("Deleted", (await portal.ListAsync(ByName with { WithDeleted = true }))[1].Name);
        portal.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(version, await portal.Services.GetRequiredService<TokenListVersion>().ReadAsync(portal.Viewer, Cancellation));
        await using var context = await portal.OpenAsync();
        Assert.Equal(NameCollation.Version, (await context.Installations.SingleAsync(Cancellation)).NameCollation);
    }

    [Fact]
    public async Task Fill_AnotherVersion_ReplacesOnlyWrongKeysAndOnlyOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.StoreManyAsync(NameSortKeyFill.RowsAtOnce + 3);
        Assert.Equal(0, await FillAsync(portal));
        await portal.ExecuteAsync("UPDATE Tokens SET NameSortKey = X'00' WHERE Name IN ('Token 7', 'Token 501')");
        Assert.Equal(0, await FillAsync(portal));

        await portal.ExecuteAsync("UPDATE Installation SET NameCollation = 'former'");

        Assert.Equal(2, await FillAsync(portal));
        Assert.Equal(0, await FillAsync(portal));
        Assert.Equal(["Token 0", "Token 1", "Token 2"], (await NamesAsync(portal))[..3]);
    }

    [Fact]
    public async Task Fill_RenamedMeanwhile_KeepsTheKeyOfTheNewName()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(name: "Alpha");
        await using var context = await portal.OpenAsync();
        var before = await context.Tokens.Where(it => it.Handle == token.Handle).Select(it => it.NameSortKey).SingleAsync(Cancellation);
        var id = await context.Tokens.Where(it => it.Handle == token.Handle).Select(it => it.Id).SingleAsync(Cancellation);

        var writes = portal.Services.GetRequiredService<Portal.Data.WriteQueue>();
        await writes.RunUpkeepAsync(end => Portal.Data.NameSortKeyStore.SetAsync(context, [new(id, "Former name", [1, 2])], end), Cancellation);

        Assert.Equal(before, await context.Tokens.Where(it => it.Handle == token.Handle).Select(it => it.NameSortKey).SingleAsync(Cancellation));
    }

    private static async Task<List<string>> NamesAsync(TestPortal portal) => [.. (await portal.ListAsync(ByName)).Select(row => row.Name)];

    private static Task<int> FillAsync(TestPortal portal) => portal.Services.GetRequiredService<NameSortKeyFill>().FillAsync(Cancellation);
}
