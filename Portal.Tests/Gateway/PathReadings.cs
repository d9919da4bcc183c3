using System.Globalization;
using System.Text;

namespace Portal.Tests.Gateway;

/// <summary>The ways in which servers could read a path. It shares no code with Portal: it decodes everything, accepts everything, and then checks
/// where the result leads.</summary>
internal static class PathReadings
{
    private static readonly Dictionary<char, string> Normalized = new()
    {
        ['\u2024'] = ".", ['\u2025'] = "..", ['\u2026'] = "...", ['\ufe30'] = "..", ['\ufe19'] = "...", ['\ufe52'] = ".", ['\uff0e'] = ".", ['\u3002'] = ".", ['\uff61'] = ".",
        ['\uff0f'] = "/", ['\u2215'] = "/", ['\u2044'] = "/", ['\u29f8'] = "/", ['\uff3c'] = "\\", ['\ufe68'] = "\\", ['\u2216'] = "\\",
        ['\uff05'] = "%", ['\ufe6a'] = "%", ['\u200b'] = "", ['\u00ad'] = "", ['\ufeff'] = "", ['\u2060'] = "", ['\u00a0'] = " ", ['\u3000'] = " ",
        ['\uff12'] = "2", ['\uff45'] = "e", ['\uff46'] = "f", ['\uff1b'] = ";", ['\u037e'] = ";",
    };

    /// <summary>The paths to which the target leads, in each of the readings.</summary>
    public static IEnumerable<string> Of(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var (plain, normalized) = (query < 0 ? target : target[..query], query < 0 ? target : target[..query]);
        for (var round = 0; round < 6; round++)
        {
            (plain, normalized) = (Decode(plain), Normalize(Decode(normalized)));
            foreach (var text in (string[])[plain, Normalize(plain), normalized])
            {
                yield return Resolve(text, "/");
                yield return Resolve(text, "/\\");
                yield return Resolve(WithoutParameters(text), "/\\");
            }
        }
    }

    /// <summary>Decodes percent-encoding and <c>%u</c>, and UTF-8 even in overlong forms.</summary>
    private static string Decode(string text)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (Escape(text, i, 'u', 4) is { } wide)
            {
                decoded.Append((char)wide);
                i += 6;
            }
            else if (Escape(text, i, null, 2) is { } first)
            {
                i += 3;
                var more = first switch { >= 0xF0 => 3, >= 0xE0 => 2, >= 0xC0 => 1, _ => 0 };
                var value = more == 0 ? first : first & (0x3F >> more);
                for (; more > 0 && Escape(text, i, null, 2) is (>= 0x80 and < 0xC0) and var next; more--, i += 3)
                    value = (value << 6) | (next & 0x3F);
                decoded.Append((char)value);
            }
            else
                decoded.Append(text[i++]);
        }

        return decoded.ToString();
    }

    private static int? Escape(string text, int place, char? mark, int digits)
    {
        var begin = place + (mark is null ? 1 : 2);
        return begin + digits <= text.Length && text[place] == '%' && (mark is null || char.ToLowerInvariant(text[place + 1]) == mark)
            && int.TryParse(text.AsSpan(begin, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static string Normalize(string text) => string.Concat(text.Select(character => Normalized.TryGetValue(character, out var plain) ? plain : character.ToString()));

    private static string WithoutParameters(string text) => string.Join('/', text.Split('/').Select(segment => segment.Split(';')[0]));

    /// <summary>Removes dot segments and empty segments, and ends the text where a careless parser would.</summary>
    private static string Resolve(string text, string separators)
    {
        var kept = new List<string>();
        foreach (var segment in text.Split(['\0', '?', '#'])[0].Split(separators.ToCharArray()).Select(segment => segment.Trim()))
            if (segment.Length > 1 && segment.All(character => character is '.' or ' '))
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            else if (segment is not ("" or "."))
                kept.Add(segment);
        return "/" + string.Join('/', kept);
    }
}
