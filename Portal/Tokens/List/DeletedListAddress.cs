using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>The state of the list of deleted tokens in its URL.</summary>
/// <remarks><code>/tokens/deleted?q=zapier&amp;page=2&amp;size=50</code></remarks>
/// <param name="Search">As <see cref="TokenQuery.Search"/>.</param>
/// <param name="Page">From 1.</param>
public sealed record DeletedListAddress(string Search = "", int Page = 1, int PageSize = DeletedListAddress.DefaultSize)
{
    /// <summary>The path relative to the base address.</summary>
    public const string Path = "tokens/deleted";

    private const int DefaultSize = 25;

    /// <summary>Reads the values of the URL. Invalid ones are ignored, and a text that contains a secret is dropped.</summary>
    public static DeletedListAddress Parse(string? search, string? page, string? size)
    {
        var text = search?.Trim() ?? "";
        return new DeletedListAddress(
            SecretText.Holds(text) ? "" : text[..Math.Min(text.Length, TokenQuery.LongestSearch)],
            Number(page) is { } number and <= 1_000_000 ? number : 1,
            Number(size) is { } rows && TokenQuery.PageSizes.Contains(rows) ? rows : DefaultSize);
    }

    public string Write() => QueryHelpers.AddQueryString(Path, new Dictionary<string, string?>
    {
        ["q"] = Search.Length > 0 && !SecretText.Holds(Search) ? Search : null,
        ["page"] = Page == 1 ? null : Page.ToString(CultureInfo.InvariantCulture),
        ["size"] = PageSize == DefaultSize ? null : PageSize.ToString(CultureInfo.InvariantCulture),
    }.Where(part => part.Value is not null));

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
