using System.Globalization;

namespace Portal.Localization;

/// <summary>Fills the placeholders of a text in the reader's language.</summary>
public static class TextFormat
{
    /// <summary>Replaces <c>{0}</c>, <c>{1}</c> … with the values, formatted in the reader's culture.</summary>
    public static string With(this string text, params ReadOnlySpan<object?> values) => string.Format(CultureInfo.CurrentCulture, text, values);

    /// <summary>Chooses between the singular and the plural of a text, and replaces <c>{0}</c> with the number.</summary>
    public static string Count(long number, string one, string other) => (number == 1 ? one : other).With(number);
}
