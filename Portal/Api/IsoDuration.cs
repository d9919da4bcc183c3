using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Api;

/// <summary>Parses ISO 8601 durations such as <c>P7D</c>, <c>PT24H</c>, <c>P1DT30M</c> and <c>P2W</c>: whole numbers without a sign. Years and
/// months are not supported, because their length varies.</summary>
internal static partial class IsoDuration
{
    /// <returns>Null: invalid.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length > 40 || Form().Match(text) is not { Success: true } match)
            return null;
        // The format limits the number of digits, so the result can't exceed a TimeSpan.
        long Number(string group) =>
            match.Groups[group] is { Success: true, ValueSpan: var digits } ? long.Parse(digits, CultureInfo.InvariantCulture) : 0;
        return TimeSpan.FromSeconds((Number("w") * 7 + Number("d")) * 86_400 + Number("h") * 3600 + Number("m") * 60 + Number("s"));
    }

    [GeneratedRegex(
        @"\AP(?:(?<w>[0-9]{1,6})W|(?=[0-9T])(?:(?<d>[0-9]{1,6})D)?(?:T(?=[0-9])(?:(?<h>[0-9]{1,7})H)?(?:(?<m>[0-9]{1,9})M)?(?:(?<s>[0-9]{1,9})S)?)?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
