using System.Globalization;
using System.Security.Cryptography;

namespace Portal.Localization;

/// <summary>The order of names in lists: by letter, whatever their accents and case, and numbers by value.</summary>
/// <remarks>The database sorts by a stored key in the root order of Unicode, which is that of English, German and other languages without rules
/// of their own. Short lists are sorted in memory by the rules of the reader's culture.</remarks>
public static class NameCollation
{
    /// <summary>The maximum length of <see cref="SortKey"/> in bytes. Names of 128 letters, ideographs or emoji are shorter. Beyond it, names count as
    /// equal.</summary>
    public const int LongestSortKey = 512;

    private const CompareOptions Options = CompareOptions.IgnoreCase | CompareOptions.NumericOrdering;

    /// <summary>Identifies the order of the sort keys. Keys with different versions can't be compared.</summary>
    /// <remarks>ICU's own version doesn't tell about the options, nor about the rules that .NET adds, so it also contains some keys.</remarks>
    public static string Version { get; } = VersionOf(CultureInfo.InvariantCulture.CompareInfo);

    /// <summary>Compares names by the rules of the reader's culture.</summary>
    public static StringComparer ForReader => CultureInfo.CurrentCulture.CompareInfo.GetStringComparer(Options);

    /// <summary>Returns a key whose bytes sort as the name does in <see cref="CultureInfo.InvariantCulture"/>.</summary>
    public static byte[] SortKey(string name)
    {
        var compare = CultureInfo.InvariantCulture.CompareInfo;
        var length = compare.GetSortKeyLength(name, Options);
        var key = new byte[length];
        compare.GetSortKey(name, key, Options);
        return length <= LongestSortKey ? key : key[..LongestSortKey];
    }

    private static string VersionOf(CompareInfo compare)
    {
        // Letters, accents, symbols and digits of several scripts.
        var probe = string.Concat(Enumerable.Range(0x20, 0x500).Select(code => (char)code)) + "10 2 日本 가나 かな ｶﾅ Ｆ 😀";
        var hash = SHA256.HashData([.. BitConverter.GetBytes(compare.Version.FullVersion), .. compare.GetSortKey(probe, Options).KeyData]);
        return Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }
}
