namespace Portal.Data;

/// <summary>Comparisons of text that the database computes in a query, the same in memory.</summary>
/// <remarks>LIKE will not do: on SQLite it ignores case, and only that of ASCII letters.</remarks>
public static class DatabaseText
{
    /// <summary>Whether a text has a form. Case counts.</summary>
    /// <param name="form"><c>*</c> stands for any characters, <c>[c]</c> for the one character c, everything else for itself.</param>
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

    /// <summary>In upper case by Unicode's rules, as .NET has them; SQLite itself knows ASCII letters only.</summary>
    public static string Upper(string text) => text.ToUpperInvariant();

    /// <summary>Every text that begins with the prefix lies from it to here, this one excluded, in the order of the database:
    /// by code point. A comparison with both can use an index.</summary>
    /// <returns>Null: there is no end.</returns>
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
