using System.Text;
using Portal.Data;

namespace Portal.Api.Rql;

/// <summary>A pattern of <c>like</c>: <c>*</c> stands for any characters, <c>\*</c> for an asterisk, <c>\\</c> for a backslash.</summary>
/// <param name="pieces">The texts before, between and after the asterisks; a single one without asterisks.</param>
internal sealed class RqlPattern(IReadOnlyList<string> pieces)
{
    private const int MostStars = 32;

    /// <summary>The exact text; null if the pattern has asterisks.</summary>
    public string? Exact => pieces is [var only] ? only : null;

    /// <summary>The prefix of the text; null if the pattern isn't only a prefix.</summary>
    public string? Prefix => pieces is [{ Length: > 0 } first, ""] ? first : null;

    public bool MatchesAll => pieces is ["", ""];

    public RqlPattern ToUpper() => new([.. pieces.Select(DatabaseText.Upper)]);

    /// <summary>The pattern for <see cref="DatabaseText.MatchesPattern"/>, in which more characters than the asterisk are special.</summary>
    public string ToForm() => string.Join('*', pieces.Select(piece => piece
        .Replace("[", "[[]", StringComparison.Ordinal)
        .Replace("*", "[*]", StringComparison.Ordinal)
        .Replace("?", "[?]", StringComparison.Ordinal)));

    /// <returns>The error; null: valid.</returns>
    public static string? Parse(string text, out RqlPattern pattern)
    {
        List<string> pieces = [];
        var piece = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '*')
            {
                pieces.Add(piece.ToString());
                piece.Clear();
                continue;
            }

            if (text[index] == '\\' && index + 1 < text.Length && text[index + 1] is '*' or '\\')
                index++;
            piece.Append(text[index]);
        }

        pieces.Add(piece.ToString());
        pattern = new RqlPattern(pieces);
        return pieces.Count > 2 && pieces[1..^1].Contains("") ? "Two asterisks can't follow each other. Write \\* for an asterisk."
            : pieces.Count > MostStars + 1 ? $"A pattern can have at most {MostStars} asterisks."
            : null;
    }
}
