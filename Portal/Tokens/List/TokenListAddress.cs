using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>Maps the state of the token list to its URL, so that it can be shared and survives navigation and reload.</summary>
/// <remarks><code>/tokens?q=zapier&amp;status=expiring&amp;extension=EXT-001&amp;module=MD-0002&amp;idle=1&amp;attention=expired-called&amp;sort=name&amp;dir=asc&amp;page=2&amp;size=50</code>
/// Invalid parts are ignored, so that an old or mistyped link still shows tokens.</remarks>
public static class TokenListAddress
{
    /// <summary>The path relative to the base address, because Portal can be hosted below a path prefix.</summary>
    private const string Path = "tokens";
    private static readonly TokenQuery Default = new();

    /// <param name="address">Relative to the base address.</param>
    public static bool IsList(ReadOnlySpan<char> address) =>
        address[..(address.IndexOfAny('?', '#') is >= 0 and var end ? end : address.Length)].TrimEnd('/').Equals(Path, StringComparison.OrdinalIgnoreCase);

    public static TokenQuery Parse(Uri address, ModuleCatalog catalog)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string Value(string name) => query.TryGetValue(name, out var values) ? values[0] ?? "" : "";
        var search = Value("q").Trim();
        if (SecretText.Holds(search))
            search = "";
        var sort = Name<TokenSort>(Value("sort")) ?? Default.Sort;
        return new TokenQuery
        {
            Search = search[..Math.Min(search.Length, TokenQuery.LongestSearch)],
            Status = Name<TokenStatus>(Value("status")),
            ExtensionId = catalog.FindExtension(Value("extension"))?.Id,
            ModuleId = catalog.FindModule(Value("module"))?.Id,
            Owner = Value("owner") is var owner && OwnerReader.IsCode(owner) ? owner : null,
            CreatedBy = Value("created-by") is var creator && ApiKey.IsHandle(creator) ? creator : null,
            Expiring = Value("expiring") == "1",
            Idle = Value("idle") == "1",
            Attention = Name<TokenAttention>(Value("attention").Replace("-", "", StringComparison.Ordinal)),
            WithDeleted = Value("deleted") == "1",
            Sort = sort,
            Descending = Value("dir") switch { "asc" => false, "desc" => true, _ => IsDescendingByDefault(sort) },
            Page = Number(Value("page"), 1, 1_000_000) ?? 1,
            PageSize = Number(Value("size"), 1, TokenQuery.LargestPage) is { } size && TokenQuery.PageSizes.Contains(size) ? size : Default.PageSize,
        };
    }

    /// <summary>The columns in the address; null: the user's own choice applies.</summary>
    public static IReadOnlyList<TokenColumn>? ParseColumns(Uri address) =>
        TokenColumns.Read(QueryHelpers.ParseQuery(address.Query).TryGetValue("columns", out var values) ? values[0] : null);

    /// <summary>The query of the address that a saved view stores, without the page.</summary>
    public static string WriteView(TokenQuery query, IReadOnlyList<TokenColumn> columns) => Write(query with { Page = 1 }, columns)[Path.Length..].TrimStart('?');

    /// <summary>The query of the address for the same tokens on other addresses, with the question mark; empty if there is none.</summary>
    public static string WriteQuery(TokenQuery query) => Write(query with { Page = 1 })[Path.Length..];

    /// <summary>The address of a saved view.</summary>
    public static string OfView(string view) => $"{Path}?{view}";

    /// <param name="columns">The columns to show; null: the user's own choice.</param>
    public static string Write(TokenQuery query, IReadOnlyList<TokenColumn>? columns = null)
    {
        var parts = new Dictionary<string, string?>
        {
            ["q"] = query.Search.Length > 0 ? WithoutSecret(query.Search) : null,
            ["status"] = query.Status is { } status ? Lower(status) : null,
            ["extension"] = WithoutSecret(query.ExtensionId),
            ["module"] = WithoutSecret(query.ModuleId),
            ["owner"] = WithoutSecret(query.Owner),
            ["created-by"] = WithoutSecret(query.CreatedBy),
            ["expiring"] = query.Expiring ? "1" : null,
            ["idle"] = query.Idle ? "1" : null,
            ["attention"] = query.Attention is { } attention ? Dashed(attention) : null,
            ["deleted"] = query.WithDeleted ? "1" : null,
            ["sort"] = query.Sort == Default.Sort ? null : Lower(query.Sort),
            ["dir"] = query.Descending == IsDescendingByDefault(query.Sort) ? null : query.Descending ? "desc" : "asc",
            ["columns"] = columns is null ? null : TokenColumns.Write(columns),
            ["page"] = query.Page == 1 ? null : query.Page.ToString(CultureInfo.InvariantCulture),
            ["size"] = query.PageSize == Default.PageSize ? null : query.PageSize.ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString(Path, parts.Where(part => part.Value is not null));
    }

    /// <summary>The query string of an address if any part of it contains a secret; otherwise null.</summary>
    public static string? FindSecret(Uri address) => SecretText.Holds(address.Query) ? address.Query.Replace('+', ' ') : null;

    /// <summary>The direction after the first click on a column: newest or most first for times and counts, A first for texts.</summary>
    public static bool IsDescendingByDefault(TokenSort sort) => sort is TokenSort.Created or TokenSort.LastUsed or TokenSort.Permissions;

    /// <summary>The query after a click on a column's header.</summary>
    public static TokenQuery SortedBy(TokenQuery query, TokenSort sort) => query with
    {
        Sort = sort,
        Descending = query.Sort == sort ? !query.Descending : IsDescendingByDefault(sort),
        Page = 1,
    };

    /// <summary>Null for a text that contains a secret, so that no address ever contains one.</summary>
    private static string? WithoutSecret(string? text) => SecretText.Holds(text) ? null : text;

    /// <summary>Writes <c>ExpiredCalled</c> as <c>expired-called</c>.</summary>
    private static string Dashed(TokenAttention value) =>
        string.Concat(value.ToString().Select((letter, i) => i > 0 && char.IsAsciiLetterUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T? Name<T>(string text) where T : struct, Enum =>
        text.All(char.IsAsciiLetter) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
