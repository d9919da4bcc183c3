using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>How much text a page takes from one field. Every field allows far less and says so; these are for pasted text, which must
/// arrive to be refused. portal.js sends no more than this, whatever stands in the field.</summary>
internal static class InputLimits
{
    /// <summary>In characters (UTF-16), of a field that says nothing else in <c>data-most</c>; portal.js has the same number.</summary>
    public const int Field = 4_000;

    /// <summary>The limit of the list's search, into which people paste a part of a log to trace a key.</summary>
    public const int Search = 10_000;

    /// <summary>The largest message that a browser may send over the circuit, in bytes. An event holds its field twice, and a character
    /// has at most six bytes in JSON; a draft that comes back holds three fields, with seven at most.</summary>
    public const int Message = 128 * 1024;

    /// <summary>How long a text is, as far as it arrived: "300 characters", or "4,000 characters or more".</summary>
    public static string Describe(int length, int most = Field) =>
        (length >= most ? Texts.Field_LengthOrMore : Texts.Field_Length).With(length);
}
