using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Search;

/// <summary>What the search of the token list finds.</summary>
public sealed class TokenSearchTests
{
    [Fact]
    public async Task Search_WordsInAnyOrder_FindsTokensWithAllOfThem()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(TestTokens.Wanted("Order sync Lyon") with { ExternalId = "ERP-17", Description = "Every hour" });
        await portal.CreateAsync(name: "Order sync Perth");

        foreach (var search in (string[])["lyon order", "SYNC  lyon", "erp-17 hour ord", "lyon"])
            Assert.Equal(["Order sync Lyon"], await NamesAsync(portal, search));
        Assert.Equal(["Order sync Perth", "Order sync Lyon"], await NamesAsync(portal, "sync order"));
        Assert.Empty(await NamesAsync(portal, "lyon perth"));
        // A word doesn't match across two texts or two tokens.
        Assert.Empty(await NamesAsync(portal, "LyonERP"));
    }

    [Fact]
    public async Task Search_Handle_IsFoundWithAndWithoutDashesAndByPart()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(name: "Wanted")).Handle;
        await portal.CreateAsync(name: "Other");
        var digits = handle.Replace("-", "", StringComparison.Ordinal);

        foreach (var search in (string[])[handle, handle.ToLowerInvariant(), digits, digits.ToLowerInvariant(), digits[2..], handle[3..], handle[3..9], digits[2..9]])
            Assert.Contains("Wanted", await NamesAsync(portal, search));
        Assert.Equal(["Wanted"], await NamesAsync(portal, digits[2..]));
    }

    [Fact]
    public async Task Search_Creator_IsFoundInAnyCase()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "Mine");
        await portal.ExecuteAsync("UPDATE Tokens SET CreatedByName = 'Žofie Éclair', Name = Name");

        Assert.Equal(["Mine"], await NamesAsync(portal, "éclair žofie"));
    }

    [Fact]
    public async Task Search_Fingerprint_FindsLiveAndRetiredKeys()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(name: "Wanted");
        await portal.CreateAsync(name: "Other");
        Assert.Equal(["Wanted"], await NamesAsync(portal, $"…{first.Key!.Fingerprint}"));

        var second = (TokenOutcome.Done)await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null);

        foreach (var key in (ApiKey[])[first.Key, second.Key!])
        {
            Assert.Contains("Wanted", await NamesAsync(portal, key.Fingerprint));
            foreach (var search in (string[])[$"…{key.Fingerprint}", $"...{key.Fingerprint.ToUpperInvariant()}", $"ApiKey {key.Handle}:…{key.Fingerprint}"])
                Assert.Equal(["Wanted"], await NamesAsync(portal, search));
        }
    }

    [Fact]
    public async Task Search_AfterEachChange_FindsTheNewText()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(name: "Before")).Handle;
        await portal.CreateAsync(name: "Other");
        Assert.Equal(["Before"], await NamesAsync(portal, "before"));

        await portal.Tokens.EditAsync(
            portal.Operator, handle, new TokenEdit("After", null, "Now with text", new ModuleChoice(false, [TestTokens.Agreements])), (await portal.DetailsAsync(handle)).Version);
        Assert.Empty(await NamesAsync(portal, "before"));
        Assert.Equal(["After"], await NamesAsync(portal, "text after"));

        await portal.CreateAsync(name: "Before again");
        Assert.Equal(["Before again"], await NamesAsync(portal, "before"));

        await portal.Tokens.DeleteAsync(portal.Administrator, handle);
        Assert.Empty(await NamesAsync(portal, "after"));
        Assert.Equal(["After"], (await portal.ListAsync(new TokenQuery { Search = "after", WithDeleted = true })).Select(row => row.Name));
        Assert.Equal(["After"], (await portal.ListAsync(new TokenQuery { Search = "after", Status = TokenStatus.Deleted })).Select(row => row.Name));
    }

    [Fact]
    public async Task Search_RowsChangedByAnotherProgram_AreFoundToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "First");
        await portal.CreateAsync(name: "Second");
        Assert.Equal(2, (await NamesAsync(portal, "su")).Count);

        // One is older than the others, one is removed.
        await portal.ExecuteAsync(
            $"""
            INSERT INTO Tokens (AccountId, Handle, CreationId, Name, NameKey, SearchText, ExtensionId, ExtensionName, Status, AllModules, CreatedAt, CreatedById, CreatedByName,
                UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion)
            SELECT AccountId, 'SU-000-000-001', '10000000-0000-0000-0000-000000000000', 'Third', 'THIRD', 'SU-000-000-001{'\n'}THIRD', ExtensionId, ExtensionName, Status, AllModules,
                '2020-01-01 00:00:00', CreatedById, CreatedByName, UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion FROM Tokens LIMIT 1;
            DELETE FROM Tokens WHERE Name = 'First'
            """);

        Assert.Equal(["Second", "Third"], await NamesAsync(portal, "su"));
    }

    [Fact]
    public async Task Search_WithEveryFilterAndOrder_FindsWhatTheDatabaseFinds()
    {
        await using var portal = await TestPortal.CreateAsync();
        await CreateVariedAsync(portal);
        TokenQuery[] filters =
        [
            new(), new() { Status = TokenStatus.Active }, new() { Status = TokenStatus.Expiring }, new() { Status = TokenStatus.Deleted }, new() { WithDeleted = true },
            new() { ExtensionId = "EXT-001" }, new() { ExtensionId = "EXT-002" }, new() { Expiring = true }, new() { ModuleId = TestTokens.Billing }, new() { Idle = true },
            new() { Status = TokenStatus.Inactive, ModuleId = TestTokens.Agreements },
        ];

        foreach (var filter in filters)
            foreach (var sort in Enum.GetValues<TokenSort>())
                foreach (var descending in (bool[])[true, false])
                {
                    var query = filter with { Sort = sort, Descending = descending, PageSize = 100 };
                    // All handles contain it, so the text doesn't change the result.
                    var (expected, found) = (await portal.ListAsync(query), await portal.ListAsync(query with { Search = "su" }));
                    Assert.Equal(expected.Select(row => row.Name), found.Select(row => row.Name));
                    var second = await portal.Reader.ListAsync(portal.Viewer, query with { Search = "su", Page = 2, PageSize = 10 }, TestContext.Current.CancellationToken);
                    Assert.Equal(expected.Skip(10).Take(10).Select(row => row.Name), second.Rows.Select(row => row.Name));
                    Assert.Equal(expected.Count, second.Total);
                }
    }

    [Fact]
    public async Task Search_OtherAccount_FindsOnlyItsOwn()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "Mine");
        Assert.Empty((await portal.Reader.ListAsync(portal.OtherAccountActor, new TokenQuery { Search = "mine" }, TestContext.Current.CancellationToken)).Rows);
    }

    private static async Task CreateVariedAsync(TestPortal portal)
    {
        for (var i = 0; i < 24; i++)
        {
            var made = await portal.CreateAsync(TestTokens.Wanted($"Token {i * 7 % 24}", i % 3 == 0 ? TestTokens.Billing : TestTokens.Agreements) with
            {
                ExpiresAt = i % 5 == 0 ? null : portal.Now.AddDays(10 + (i * 11 % 60)),
                ExtensionId = i % 4 == 0 ? "EXT-001" : "EXT-000",
            });
            if (i % 6 == 1)
                await portal.Tokens.DisableAsync(portal.Operator, made.Handle);
            if (i % 6 == 2)
                await portal.Tokens.DeleteAsync(portal.Administrator, made.Handle);
            if (i % 2 == 0)
                portal.Clock.Advance(TimeSpan.FromHours(1));
        }

        portal.Clock.Advance(TimeSpan.FromDays(20));
    }

    private static async Task<List<string>> NamesAsync(TestPortal portal, string search) =>
        [.. (await portal.ListAsync(new TokenQuery { Search = search })).Select(row => row.Name)];
}
