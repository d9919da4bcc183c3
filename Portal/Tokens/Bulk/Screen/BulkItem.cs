using Portal.Statistics;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>A token of a bulk action with its use.</summary>
/// <param name="HasChanged">Whether it was changed after an earlier attempt listed it.</param>
public sealed record BulkItem(BulkToken Token, TokenUse Use, bool HasChanged = false)
{
    /// <summary>Whether a search finds it by name, handle or external ID. Dashes in a handle are optional.</summary>
    public static bool Matches(BulkToken token, string search) =>
        Contains(token.Name, search) || Contains(token.Handle, search) || Contains(token.Handle.Replace("-", "", StringComparison.Ordinal), search)
        || Contains(token.ExternalId ?? "", search);

    private static bool Contains(string text, string search) => text.Contains(search, StringComparison.CurrentCultureIgnoreCase);
}
