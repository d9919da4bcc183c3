using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Portal.Localization;

namespace Portal.Tokens;

/// <summary>A lifetime that the configuration offers, for example <c>90 days</c>.</summary>
public sealed partial record ExpirationPreset(string Text, int Count, ExpirationPreset.Unit Of)
{
    public enum Unit
    {
        Days,
        Months,
        Years,
    }

    /// <summary>The time when a key that is created at <paramref name="from"/> ends.</summary>
    public DateTime EndFrom(DateTime from) => Of switch
    {
        Unit.Days => from.AddDays(Count),
        Unit.Months => from.AddMonths(Count),
        _ => from.AddYears(Count),
    };

    /// <summary>For users: <c>90 days</c>.</summary>
    public string Describe() => Of switch
    {
        Unit.Days => TextFormat.Count(Count, Texts.ExpirationPreset_Days_One, Texts.ExpirationPreset_Days_Other),
        Unit.Months => TextFormat.Count(Count, Texts.ExpirationPreset_Months_One, Texts.ExpirationPreset_Months_Other),
        _ => TextFormat.Count(Count, Texts.ExpirationPreset_Years_One, Texts.ExpirationPreset_Years_Other),
    };

    /// <summary>Parses a preset; null: not a number from 1 to 3660 with <c>days</c>, <c>months</c> or <c>years</c>.</summary>
    public static ExpirationPreset? Parse(string? text)
    {
        var match = Form().Match(text ?? "");
        if (!match.Success || int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is not (> 0 and <= 3660 and var count))
            return null;
        return match.Groups[2].Value switch
        {
            "day" => new(text!, count, Unit.Days),
            "month" when count <= 120 => new(text!, count, Unit.Months),
            "year" when count <= 10 => new(text!, count, Unit.Years),
            _ => null,
        };
    }

    [GeneratedRegex(@"^([0-9]{1,4}) (day|month|year)s?\z")]
    private static partial Regex Form();
}

internal sealed class ExpirationPresetValidator : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var wrong = options.ExpirationPresets.FindIndex(text => ExpirationPreset.Parse(text) is null);
        return wrong < 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Tokens:ExpirationPresets:{wrong} \"{options.ExpirationPresets[wrong]}\" must read like \"90 days\", \"6 months\" or \"1 year\" (10 years at most).");
    }
}
