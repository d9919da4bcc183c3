namespace Portal.Tokens.Search;

/// <summary>Splits a search text into the words that a token must contain, in any order.</summary>
public static class SearchWords
{
    private const string Ellipsis = "…";

    /// <summary>Returns the words in upper case, longest first, because the longest is usually the rarest. A key in the form in which it is
    /// shown, such as <c>ApiKey SU-160-984-311:…5c43</c>, becomes its handle and its fingerprint.</summary>
    public static IReadOnlyList<string> Parse(string? search)
    {
        var text = (search ?? "").ToUpperInvariant().Replace(":" + Ellipsis, " " + Ellipsis, StringComparison.Ordinal).Replace("\0", " ", StringComparison.Ordinal);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Spell).Distinct().ToList();
        if (words is ["APIKEY", var second, ..] && ApiKey.IsHandle(second))
            words.RemoveAt(0);
        return [.. words.OrderByDescending(word => word.Length)];
    }

    /// <summary>People type three full stops for an ellipsis.</summary>
    private static string Spell(string word) => word.Length > 3 && word.StartsWith("...", StringComparison.Ordinal) ? Ellipsis + word[3..] : word;
}
