using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Reading;

public sealed class TokenExporterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_Query_ReadsEveryResultInItsOrderAndIsAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 3; i++)
            await portal.CreateAsync(name: $"Token {i}");
        await portal.CreateAsync(name: "Other");

        var export = await OpenAsync(portal, portal.Viewer, new TokenQuery { Search = "token", Sort = TokenSort.Name, Descending = false, Page = 3, PageSize = 10 });

        Assert.Equal((3, "Token 0,Token 1,Token 2"), (export.Total, string.Join(',', (await ReadAsync(export)).Select(token => token.Name))));
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((AuditAction.TokensExported, TestPortal.Account, portal.Viewer.Id), (entry.Action, entry.TargetId, entry.ActorId));
        Assert.Equal("""{"format":"csv","count":3,"search":"token","filtered":true}""", entry.Details);
    }

    [Fact]
    public async Task Open_MoreTokensThanAreReadAtOnce_ReadsAll()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "First");
        await portal.ExecuteAsync(
            $"""
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {TokenExporter.TokensAtOnce + 20})
            INSERT INTO Tokens (AccountId, Handle, CreationId, Name, NameKey, SearchText, ExtensionId, ExtensionName, Status, AllModules,
                CreatedAt, CreatedById, CreatedByName, UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion)
            SELECT AccountId, 'SU-000-000-' || (100 + n), {TestDatabase.Guid("(10000000 + n) || '-0000-0000-0000-000000000000'")}, 'Copy ' || n, 'COPY ' || n, '', ExtensionId, ExtensionName, Status, AllModules,
                CreatedAt, CreatedById, CreatedByName, UpdatedAt, UpdatedById, UpdatedByName, Version, MayOutlive, CreatedByKind, ListVersion
            FROM Tokens, numbers
            """);

        var export = await OpenAsync(portal, portal.Viewer, new TokenQuery());
        var tokens = await ReadAsync(export);

        Assert.Equal((TokenExporter.TokensAtOnce + 21, export.Total), (export.Total, tokens.Select(token => token.Handle).Distinct().Count()));
    }

    [Fact]
    public async Task Open_SelectedTokens_ReadsThoseOfTheAccount()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (one, other) = ((await portal.CreateAsync(name: "One")).Handle, (await portal.CreateAsync(name: "Other")).Handle);
        await portal.CreateAsync(name: "Not selected");

        var export = await portal.Services.GetRequiredService<TokenExporter>().OpenAsync(portal.Viewer, [one, other, "SU-000-000-000"], "csv");

        Assert.Equal([other, one], (await ReadAsync(export)).Select(token => token.Handle));
        Assert.Equal(0, (await portal.Services.GetRequiredService<TokenExporter>().OpenAsync(portal.OtherAccountActor, [one], "csv")).Total);
    }

    [Fact]
    public async Task Open_Token_ContainsItsPropertiesAndTheFingerprintsOfLiveKeysOnly()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(TestTokens.Wanted("Order sync") with { ExternalId = "X-1", Description = "Prices" });
        var second = (TokenOutcome.Done)await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null);
        var third = (TokenOutcome.Done)await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, TimeSpan.FromHours(1));

        var token = Assert.Single(await ReadAsync(await OpenAsync(portal, portal.Viewer, new TokenQuery())));

        Assert.Equal((first.Handle, "Order sync", "X-1", "Prices", TokenStatus.Revitalised), (token.Handle, token.Name, token.ExternalId, token.Description, token.Status));
        Assert.Equal(("EXT-000", "Custom", false, "MD-0002"), (token.ExtensionId, token.Extension, token.AllModules, Assert.Single(token.Modules)));
        Assert.Equal((portal.Now, "An Operator", null, portal.Now.AddHours(1)), (token.CreatedAt, token.CreatedBy, token.ExpiresAt, token.PreviousKeyEndsAt));
        Assert.Equal([third.Key!.Fingerprint, second.Key!.Fingerprint], token.Fingerprints);
    }

    [Fact]
    public async Task Read_SessionEnds_EndsTheExport()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        var stranger = portal.Viewer with { SecurityStamp = "old" };

        await Assert.ThrowsAsync<SessionEndedException>(() => OpenAsync(portal, stranger, new TokenQuery()));
    }

    [Fact]
    public async Task WriteCsv_TextsThatLookLikeFormulas_AreText()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var name in (string[])["=1+2", "+1", "-1", "@x", "plain, \"quoted\""])
            await portal.CreateAsync(name: name);
        var export = await OpenAsync(portal, portal.Viewer, new TokenQuery { Sort = TokenSort.Name, Descending = false });
        using var file = new MemoryStream();

        await TokenExportEndpoints.WriteCsvAsync(file, export.Tokens, Cancellation);

        var lines = System.Text.Encoding.UTF8.GetString(file.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.Equal(
            ["'-1", "'@x", "'+1", "'=1+2", "plain, \"\"quoted\"\""],
            lines.Skip(1).Select(line => line[15..]).Select(line => line.StartsWith('"') ? line[1..line.IndexOf("\",", StringComparison.Ordinal)] : line[..line.IndexOf(',', StringComparison.Ordinal)]));
    }

    private static Task<TokenExport> OpenAsync(TestPortal portal, Actor actor, TokenQuery query) =>
        portal.Services.GetRequiredService<TokenExporter>().OpenAsync(actor, query, "csv", Cancellation);

    private static async Task<List<ExportedToken>> ReadAsync(TokenExport export)
    {
        var tokens = new List<ExportedToken>();
        await foreach (var token in export.Tokens.WithCancellation(Cancellation))
            tokens.Add(token);
        return tokens;
    }
}
