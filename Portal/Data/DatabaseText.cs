namespace Portal.Data;

/// <summary>Text comparisons that give the same result in a database query and in memory.</summary>
/// <remarks>LIKE isn't suitable: on SQLite it ignores case, and only that of ASCII letters.</remarks>
public static class DatabaseText
{
    /// <summary>Whether a text matches a pattern. Case matters.</summary>
    /// <param name="form">The pattern. <c>*</c> stands for any characters, <c>[c]</c> for the single character c, and everything else for
    /// itself.</param>
    public static bool MatchesPattern(string form, string text)
    {
        int at = 0, inForm = 0, afterStar = -1, startedAt = 0;
        while (at < text.Length)
        {
            if (inForm < form.Length && form[inForm] == '*')
            {
                afterStar = ++inForm;
                startedAt = at;
            }
            else if (inForm < form.Length && (form[inForm] == '[' ? form[inForm + 1] : form[inForm]) == text[at])
            {
                inForm += form[inForm] == '[' ? 3 : 1;
                at++;
            }
            else if (afterStar >= 0)
            {
                inForm = afterStar;
                at = ++startedAt;
            }
            else
            {
                return false;
            }
        }

        return form.AsSpan(inForm).TrimStart('*').IsEmpty;
    }

    /// <summary>The text in upper case by the Unicode rules of .NET; SQLite itself knows ASCII letters only.</summary>
    public static string Upper(string text) => text.ToUpperInvariant();

    /// <summary>The exclusive upper bound, in the database's order of code points, of all texts that begin with the prefix. A comparison with both
    /// bounds can use an index.</summary>
    /// <returns>Null if there is no upper bound.</returns>
    public static string? EndOfPrefix(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes is [.., var last])
        {
            runes.RemoveAt(runes.Count - 1);
            if (last.Value < 0x10FFFF)
                return string.Concat(runes) + char.ConvertFromUtf32(last.Value == 0xD7FF ? 0xE000 : last.Value + 1);
        }

        return null;
    }
}
