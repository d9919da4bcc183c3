using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Data;

/// <summary>Finds text that is or looks like a secret in anything that a person or program enters, before it is kept in an address, a draft, a log or
/// the database.</summary>
/// <remarks>API keys are found in every form that people paste: percent-encoded, in JSON, in HTML, wrapped over lines, in upper case, with
/// typographic dashes, or cut off. It also finds JSON Web Tokens, bearer credentials, well-known key prefixes and long hexadecimal numbers.</remarks>
public static partial class SecretText
{
    public const string Hidden = "(hidden)";

    /// <summary>Shorter texts can't contain a secret.</summary>
    private const int Shortest = 12;

    private const int MostLayers = 3;

    /// <summary>Whether the text contains a secret of any kind.</summary>
    public static bool Holds(string? text) => Holds(text, AnySecret());

    /// <summary>Whether the text contains an API key or a token of another system. A long hexadecimal number alone doesn't count: identifiers look
    /// like that too.</summary>
    public static bool HoldsKey(string? text) => Holds(text, Key());

    /// <summary>Replaces each secret in the text with <see cref="Hidden"/>. Returns the same text if it contains none.</summary>
    public static string Hide(string text) => Hide(text, AnySecret());

    /// <summary>Replaces only what <see cref="HoldsKey"/> finds.</summary>
    public static string HideKeys(string text) => Hide(text, Key());

    /// <summary>Hides secrets in the path of a request or the name of a client, where more looks like a secret: shorter hexadecimal numbers, random
    /// letters and digits, and values after <c>key=</c>.</summary>
    public static string HideInPath(string text)
    {
        var hidden = HexNumber().Replace(Hide(text), Hidden);
        hidden = NamedValue().Replace(hidden, "${name}" + Hidden);
        return LongWord().Replace(hidden, word => LooksRandom(word.Value) ? Hidden : word.Value);
    }

    /// <summary>Removes one level of encoding from the text.</summary>
    internal static string Unfold(string text)
    {
        for (var layer = 0; layer < MostLayers; layer++)
        {
            var before = text;
            if (text.Contains('%', StringComparison.Ordinal))
                text = Uri.UnescapeDataString(text);
            if (text.Contains('&', StringComparison.Ordinal))
                text = WebUtility.HtmlDecode(text);
            if (text.Contains('\\', StringComparison.Ordinal))
                text = Escape().Replace(text, Unescape);
            if (text == before)
                break;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var character in text)
            if (character is >= '\u2010' and <= '\u2015' or '\u2212')
                plain.Append('-');
            else if (character is >= '\uFF01' and <= '\uFF5E')
                // The full-width forms of ASCII have the same order.
                plain.Append((char)(character - '\uFF01' + '!'));
            else if (char.GetUnicodeCategory(character) != System.Globalization.UnicodeCategory.Format)
                plain.Append(character);
        return plain.ToString();
    }

    private static bool Holds(string? text, Regex secret) => text is { Length: >= Shortest } && (secret.IsMatch(text) || secret.IsMatch(Unfold(text)));

    private static string Hide(string text, Regex secret)
    {
        if (text.Length < Shortest)
            return text;
        // A secret that is hidden in one spelling must not remain in another. A text with a secret is therefore reduced to one spelling.
        var unfolded = Unfold(text);
        return secret.IsMatch(unfolded) ? secret.Replace(unfolded, Replace) : secret.Replace(text, Replace);
    }

    /// <summary>Keeps the handle: it is public and identifies the token.</summary>
    private static string Replace(Match match) => match.Groups["handle"] is { Success: true } handle ? $"{handle.Value}:{Hidden}" : Hidden;

    private static string Unescape(Match escape) => escape.Groups["code"] is { Success: true } code
        ? ((char)Convert.ToInt32(code.Value, 16)).ToString()
        : escape.Value[1] is 'n' or 'r' or 't' ? " " : escape.Value[1..];

    /// <summary>Whether a word mixes upper case, lower case and digits and often changes between them. Joined words seldom do.</summary>
    private static bool LooksRandom(string word)
    {
        var changes = 0;
        for (var i = 1; i < word.Length; i++)
            if (KindOf(word[i]) != KindOf(word[i - 1]))
                changes++;
        return word.Any(char.IsAsciiLetterUpper) && word.Any(char.IsAsciiLetterLower) && word.Any(char.IsAsciiDigit) && changes * 5 >= word.Length * 2;
    }

    private static int KindOf(char character) =>
        char.IsAsciiLetterUpper(character) ? 0 : char.IsAsciiLetterLower(character) ? 1 : char.IsAsciiDigit(character) ? 2 : 3;

    /// <remarks>Every repetition is bounded or atomic: the time for an untrusted text must not grow faster than its length.</remarks>
    private const string KeyPattern =
        // the handle, a separator, and four or more hexadecimal digits, perhaps wrapped: the beginning of a key is a secret too
        @"(?<handle>SU[\s._-]{0,8}\d{3}[\s._-]{0,8}\d{3}[\s._-]{0,8}\d{3})[\s""'+]{0,16}[:=][\s""'+]{0,16}(?<secret>[0-9a-f](?:\s*[0-9a-f]){3,39})" +
        // JSON Web Token
        @"|(?<![a-z0-9])(?-i:eyJ)[a-z0-9_-]{5,}(?:\.[a-z0-9_-]*)*" +
        // credentials in a header
        @"|\b(?:Bearer|Basic)(?>[\s+:""']{1,16})(?=[^\s""']{0,512}\d)[a-z0-9._~+/=-]{12,}" +
        // keys of well-known services
        @"|\b(?-i:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|sk[-_](?:live|test|proj|ant)[-_][\w-]{12,}|xox[abeoprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})" +
        @"|-----BEGIN [A-Z ]*PRIVATE KEY";

    [GeneratedRegex(KeyPattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    internal static partial Regex Key();

    /// <summary>Finds hexadecimal numbers longer than a GUID without its dashes, which has 32 digits.</summary>
    [GeneratedRegex(KeyPattern + "|(?<![0-9a-f])[0-9a-f]{33,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AnySecret();

    [GeneratedRegex("[0-9a-fA-F]{20,}", RegexOptions.CultureInvariant)]
    private static partial Regex HexNumber();

    [GeneratedRegex("[A-Za-z0-9_-]{20,}", RegexOptions.CultureInvariant)]
    private static partial Regex LongWord();

    [GeneratedRegex(
        @"(?<=^|[/;,&?\s])(?<name>(?:(?:api|access|private|secret)[_-]?key|(?:access|id|refresh|auth|session)?[_-]?token|(?:client[_-]?)?secret|pass(?:word|wd)?|pwd|sig(?:nature)?|key|j?session(?:id)?|sid|code|credentials?|authorization)=)[^/;,&\s]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamedValue();

    [GeneratedRegex(@"\\(?:u(?<code>[0-9a-fA-F]{4})|[nrt""'/\\])", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
