using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Tokens.Views;

namespace Portal.Tests.Tokens.Reading;

/// <summary>Lists show names in the order that their readers expect.</summary>
public sealed class NameOrderTests
{
    private static readonly TokenQuery ByName = new() { Sort = TokenSort.Name, Descending = false, PageSize = TokenQuery.LargestPage };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public async Task List_ByName_IgnoresAccentsAndCaseAndSortsNumbersByValue(string culture)
    {
        using var reader = new ReaderCulture(culture);
        await using var portal = await TestPortal.CreateAsync();
        await StoreAsync(portal, MixedNames.InOrder.OrderBy(name => name.Length).ThenByDescending(name => name, StringComparer.Ordinal));

        Assert.Equal(MixedNames.InOrder, await NamesAsync(portal, ByName));
        Assert.Equal(MixedNames.InOrder.Reverse(), await NamesAsync(portal, ByName with { Descending = true }));
        Assert.Equal(["Token 1.9", "Token 1.10", "Token 2", "Token 2a", "Token 10"], await NamesAsync(portal, ByName with { Search = "token" }));
        Assert.Equal(MixedNames.InOrder, await NamesAsync(portal, ByName with { ExtensionId = "EXT-000" }));
        Assert.Equal(MixedNames.InOrder, await NamesAsync(portal, ByName with { WithDeleted = true }));
        var export = await portal.Services.GetRequiredService<TokenExporter>().OpenAsync(portal.Viewer, ByName, "csv", Cancellation);
        Assert.Equal(MixedNames.InOrder, await export.Tokens.Select(token => token.Name).ToListAsync(Cancellation));
        var found = await portal.Services.GetRequiredService<AddressChecker>().CheckAsync(
            portal.Administrator, new AddressQuestion(new(0, UInt128.MaxValue)), 1, AddressChecker.LargestPage, Cancellation);
        Assert.Equal(MixedNames.InOrder, found.Rows.Select(row => row.Token.Name));
    }

    [Fact]
    public async Task List_GeneratedNames_AreInTheOrderOfTheCultureOnAllPages()
    {
        await using var portal = await TestPortal.CreateAsync();
        var names = MixedNames.Generate(400).DistinctBy(TokenRules.NameKey).ToList();
        await StoreAsync(portal, names);
        var compare = CultureInfo.GetCultureInfo("de").CompareInfo;

        List<string> listed = [];
        for (var page = 1; listed.Count < names.Count; page++)
            listed.AddRange(await NamesAsync(portal, ByName with { Page = page }));

        var comparer = compare.GetStringComparer(CompareOptions.IgnoreCase | CompareOptions.NumericOrdering);
        Assert.Equal(names.Index().OrderBy(name => name.Item, comparer).ThenBy(name => name.Index).Select(name => name.Item), listed);
    }

    [Fact]
    public async Task Edit_AnotherName_MovesTheToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["Beta", "Zulu", "Alpha"])
            await portal.CreateAsync(name: name);
        Assert.Equal(["Alpha", "Beta", "Zulu"], await NamesAsync(portal, ByName with { ExtensionId = "EXT-000" }));
        var details = await portal.DetailsAsync((await portal.ListAsync(ByName))[^1].Handle);

        await portal.Tokens.EditAsync(portal.Operator, details.Handle, new TokenEdit("Árbol", null, null, details.Choice), details.Version, Cancellation);

        Assert.Equal(["Alpha", "Árbol", "Beta"], await NamesAsync(portal, ByName));
        Assert.Equal(["Alpha", "Árbol", "Beta"], await NamesAsync(portal, ByName with { ExtensionId = "EXT-000" }));
    }

    [Fact]
    public async Task List_ByExtension_SortsTheTitles()
    {
        await using var portal = await TestPortal.CreateAsync(catalog: options =>
        {
            (options.Extensions[0], options.Extensions[3]) = (Titled(options.Extensions[0], "Zebra"), Titled(options.Extensions[3], "Ärzte"));
        });
        await StoreAsync(portal, ["Custom"]);
        await StoreAsync(portal, ["Gone"], "EXT-999", "amber");
        await StoreAsync(portal, ["Reports"], "EXT-002", "reports");
        await StoreAsync(portal, ["Gone, too"], "EXT-998", "acorn");
        await StoreAsync(portal, ["Flowgear"], "EXT-003", "flowgear");

        Assert.Equal(["Flowgear", "Reports", "Custom", "Gone, too", "Gone"], await NamesAsync(portal, ByName with { Sort = TokenSort.Extension }));
        Assert.Equal(["Gone", "Gone, too", "Custom", "Reports", "Flowgear"], await NamesAsync(portal, ByName with { Sort = TokenSort.Extension, Descending = true }));
    }

    [Fact]
    public async Task Views_AreSortedByTheReadersCulture()
    {
        await using var portal = await TestPortal.CreateAsync();
        var views = portal.Services.GetRequiredService<TokenViewService>();
        foreach (var name in (string[])["Zebra", "View 10", "Ärzte", "view 2"])
            await views.SaveAsync(portal.Viewer, name, "idle=1", shared: false, Cancellation);

        using (new ReaderCulture("de"))
            Assert.Equal(["Ärzte", "view 2", "View 10", "Zebra"], (await views.ListAsync(portal.Viewer, Cancellation)).Select(view => view.Name));
        using (new ReaderCulture("sv"))
            Assert.Equal(["view 2", "View 10", "Zebra", "Ärzte"], (await views.ListAsync(portal.Viewer, Cancellation)).Select(view => view.Name));
    }

    [Fact]
    public async Task IpRules_AreSortedByTheNameOfTheToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var rules = portal.Services.GetRequiredService<IpRuleService>();
        foreach (var name in (string[])["Zebra", "Token 10", "Ärzte", "token 2"])
            await rules.AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.1", (await portal.CreateAsync(name: name)).Handle), Cancellation);
        await rules.AddAsync(portal.Administrator, new NewIpRule(null, "192.0.2.0/24"), Cancellation);

        using var reader = new ReaderCulture("de");
        Assert.Equal([null, "Ärzte", "token 2", "Token 10", "Zebra"], (await rules.ListAsync(portal.Administrator, Cancellation)).Select(rule => rule.Token?.Name));
    }

    private static Portal.Catalog.CatalogOptions.ExtensionOptions Titled(Portal.Catalog.CatalogOptions.ExtensionOptions extension, string title) => new()
    {
        Id = extension.Id, Name = extension.Name, Title = title, Description = extension.Description, Permissions = extension.Permissions, Modules = extension.Modules,
    };

    private static async Task<IReadOnlyList<string>> NamesAsync(TestPortal portal, TokenQuery query) => [.. (await portal.ListAsync(query)).Select(row => row.Name)];

    /// <summary>Stores tokens without keys, and without the service, which would take longer.</summary>
    private static async Task StoreAsync(TestPortal portal, IEnumerable<string> names, string extensionId = "EXT-000", string extension = "custom")
    {
        await using var context = await portal.OpenAsync();
        var first = await context.Tokens.CountAsync(Cancellation);
        context.Tokens.AddRange(names.Select((name, i) => new Token
        {
            AccountId = TestPortal.Account, Handle = $"SU-000-000-{first + i:000}", CreationId = Guid.CreateVersion7(), Name = name, NameKey = TokenRules.NameKey(name),
            SearchText = name.ToUpperInvariant(), ExtensionId = extensionId, ExtensionName = extension, Status = StoredStatus.Active, CreatedAt = portal.Now,
            CreatedById = "x", CreatedByName = "x", UpdatedAt = portal.Now, UpdatedById = "x", UpdatedByName = "x", Version = Guid.CreateVersion7(),
        }));
        await context.SaveChangesAsync(Cancellation);
    }
}
