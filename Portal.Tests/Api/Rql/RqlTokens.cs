using Microsoft.EntityFrameworkCore;
using Portal.Api.Rql;
using Portal.Catalog;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Api.Rql;

/// <summary>Tokens with values that are difficult to compare, in a database and in memory.</summary>
internal sealed class RqlTokens : IAsyncDisposable
{
    public static readonly string[] Texts =
    [
        "a", "A", "ab", "AB", "aB", "abc", "ä", "Ä", "äb", "ÄB", "ß", "ẞ", "SS", "İ", "ı", "i", "I", "é", "e\u0301", "Ω", "ω",
        "ς", "Σ", "日本", "日", "🚀", "🚀x", "\uFFFD", "\uE000",
        "%", "_", "a%b", "a_b", "axb", "*", "a*b", "a**b", "?", "a?b", "[", "]", "[a]", "[*]", "[^a]", "\\", "\\*", "a\\b", "'", "\"", "O'Brien",
        "a b", " a", "a ", "a&b", "a,b", "(a)", "a=b", "null()", "empty()", "null", "x\ny",
    ];

    private static readonly DateTime Now = TestPortal.Start;

    public static readonly DateTime[] Moments =
        [Now.AddDays(-40), Now.AddDays(-1), Now.AddTicks(-TimeSpan.TicksPerMicrosecond), Now, Now.AddTicks(TimeSpan.TicksPerMicrosecond), Now.AddMilliseconds(500), Now.AddDays(1), Now.AddDays(30), Now.AddDays(30).AddTicks(TimeSpan.TicksPerMicrosecond), Now.AddDays(90)];

    private readonly TestPortal _portal;

    private RqlTokens(TestPortal portal, PortalDbContext context, List<Token> rows) => (_portal, Context, Rows) = (portal, context, rows);

    public PortalDbContext Context { get; }

    /// <summary>The tokens as they were written, not as they were read.</summary>
    public List<Token> Rows { get; }

    public ModuleCatalog Catalog => _portal.Catalog;

    public StatusClock Clock { get; } = new(Now, Now.AddDays(30));

    public RqlProperties<Token> Properties => TokenProperties.For(Catalog, Clock);

    public static async Task<RqlTokens> CreateAsync()
    {
        var portal = await TestPortal.CreateAsync();
        // Seeded, so that every run sees the same rows.
#pragma warning disable RS0030, CA5394
        var random = new Random(20300115);
        TItem Pick<TItem>(IReadOnlyList<TItem> items) => items[random.Next(items.Count)];
        var rows = Enumerable.Range(0, 160).Select(number => Row(number, allModules: random.Next(5) == 0)).ToList();
        Token Row(int number, bool allModules) => new()
        {
            AccountId = TestPortal.Account,
            Handle = $"SU-{random.Next(1000):000}-{random.Next(1000):000}-{number:000}",
            CreationId = Guid.CreateVersion7(),
            Name = number < Texts.Length ? Texts[number] : Pick(Texts),
            NameKey = $"{number}",
            SearchText = "",
            ExternalId = random.Next(4) == 0 ? null : random.Next(8) == 0 ? "" : Pick(Texts),
            ExtensionId = Pick<string>([.. portal.Catalog.Extensions.Select(extension => extension.Id), "EXT-999"]),
            ExtensionName = Pick<string>(["custom", "old name", "Zapier"]),
            Status = random.Next(2) == 0 ? StoredStatus.Active : Pick(Enum.GetValues<StoredStatus>()),
            AllModules = allModules,
            ExpiresAt = random.Next(4) == 0 ? null : Pick(Moments),
            PreviousEndsAt = random.Next(2) == 0 ? null : Pick(Moments),
            CreatedAt = Pick(Moments),
            CreatedById = $"user-{random.Next(3)}",
            CreatedByName = Pick(Texts),
            UpdatedById = "",
            UpdatedByName = "",
            Permissions = [.. ((string[])["MD-0002", "MD-0003", "MD-0018", "MD-9999"]).Where(_ => random.Next(3) == 0)
                .Concat(allModules ? [TokenPermission.AllModules] : []).Select(id => new TokenPermission
            {
                ModuleId = id, ModuleName = "", GrantedById = "", GrantedByName = "",
            })],
        };
#pragma warning restore RS0030, CA5394
        foreach (var row in rows)
            row.SearchText = string.Join('\n', row.Handle, row.Name, row.ExternalId).ToUpperInvariant();
        await using (var writing = await portal.OpenAsync())
        {
            writing.Tokens.AddRange(rows);
            await writing.SaveChangesAsync();
        }

        return new RqlTokens(portal, await portal.OpenAsync(), rows);
    }

    /// <summary>The values that the API shows for a property; empty where it is null.</summary>
    public IReadOnlyList<object> ValuesOf(Token token, string property) => property switch
    {
        "events.created.at" => [token.CreatedAt],
        "events.created.by.id" => [token.CreatedById],
        "events.created.by.name" => [token.CreatedByName],
        "expiration_date" => (token.PreviousEndsAt > Now ? token.PreviousEndsAt : token.ExpiresAt) is { } at ? [at] : [],
        "extension.id" => [token.ExtensionId],
        "extension.name" => [Catalog.FindExtension(token.ExtensionId)?.Name ?? token.ExtensionName],
        "external_id" => token.ExternalId is { } id ? [id] : [],
        "id" => [token.Handle],
        "name" => [token.Name],
        "permissions.id" or "permissions.object.id" =>
            [.. Catalog.Modules.Select(module => module.Id).Where(id => token.AllModules || token.Permissions.Exists(permission => permission.ModuleId == id))],
        "status" => [Clock.Of(token.Status, token.ExpiresAt, token.PreviousEndsAt).ToString().ToLowerInvariant()],
        _ => throw new ArgumentOutOfRangeException(nameof(property), property, null),
    };

    /// <summary>The handles that the database finds, in its order.</summary>
    public List<string> Ask(string text)
    {
        Assert.True(RqlParser.TryParse(text, out var query, out var error), $"{text}: {error}");
        Assert.Empty(Properties.Apply(Context.Tokens.AsNoTracking(), query, out var rows));
        return [.. rows.Select(token => token.Handle)];
    }

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        await _portal.DisposeAsync();
    }
}
