using System.Text;
using Portal.Tests.Support;

namespace Portal.Tests.Fuzzing;

/// <summary>Makes hostile texts from good ones: pieces are exchanged, repeated, cut, and mixed with characters that break parsers.</summary>
/// <param name="seed">The same seed makes the same texts.</param>
internal sealed class FuzzInputs(int seed, IReadOnlyList<string> good)
{
    private static readonly string[] Bad =
    [
        "\0", "\r\n", "\t", " ", "\u00A0", "\u2028", "\u202E", "\uFEFF", "\uFFFE", "\uFFFF", "\uD800", "\uDC00", "\U0001F600", "ä", "İ", "ß", "%", "%00", "%2e%2e%2f", "%u0041", "%ED%A0%80",
        "..", "/", "\\", "//", ";", ",", "&", "=", "?", "#", "@", ":", "[", "]", "{", "}", "(", ")", "\"", "'", "`", "<", ">", "|", "*", "+", "-", "–", "…", "$", "^", "~", "0", "-1",
        "4294967296", "9223372036854775808", "1e400", "NaN", "::", "::ffff:1.2.3.4", "255.255.255.255", "0x7f", "P1D", "PT99999999999H", "null", "true", "\\u0000", "\"\\ud800\"", "[[[[[[[[[[[[[[[[[[",
        "((((((((((((((((((((", "and(", "not(", "2026-02-30T25:61:61Z", "0001-01-01", "9999-12-31T23:59:59.9999999+14:00", "SU-000-000-000", "ApiKey ", "Bearer ", "javascript:", "data:", "http://a@b/",
    ];

    private readonly SeededRandom _random = new(seed);

    public string Next()
    {
        var text = new StringBuilder(good.Count == 0 ? "" : good[_random.Next(good.Count)]);
        for (var changes = _random.Next(1, 6); changes > 0; changes--)
            Change(text);
        return text.ToString();
    }

    private void Change(StringBuilder text)
    {
        var (at, bad) = (_random.Next(text.Length + 1), Bad[_random.Next(Bad.Length)]);
        switch (_random.Next(8))
        {
            case 0:
                text.Insert(at, bad);
                break;
            case 1:
                text.Length = at;
                break;
            case 2 when text.Length > 0:
                text.Remove(Math.Min(at, text.Length - 1), 1);
                break;
            case 3 when text.Length > 0:
                text[Math.Min(at, text.Length - 1)] = (char)_random.Next(char.MaxValue + 1);
                break;
            case 4 when text.Length is > 0 and < 2_000:
                text.Insert(at, text.ToString(), _random.Next(1, 4));
                break;
            case 5:
                text.Insert(at, new string(bad[0], _random.Next(1, 300)));
                break;
            case 6 when good.Count > 0:
                text.Insert(at, good[_random.Next(good.Count)]);
                break;
            default:
                text.Append(bad).Append(Bad[_random.Next(Bad.Length)]);
                break;
        }
    }
}
