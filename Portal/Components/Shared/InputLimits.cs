using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The amount of text that a page accepts from one field. Each field's own limit is far lower and is shown; these limits are for pasted
/// text, which must arrive to be refused. portal.js sends no more than this, whatever the field contains.</summary>
internal static class InputLimits
{
    /// <summary>The limit in characters (UTF-16) of a field without <c>data-most</c>; portal.js has the same number.</summary>
    public const int Field = 4_000;

    /// <summary>The limit of the list's search field, into which people paste part of a log to find a key.</summary>
    public const int Search = 10_000;

    /// <summary>The largest message that a browser may send over the circuit, in bytes. An event contains its field twice, and a character takes up
    /// to six bytes in JSON. A restored draft contains three fields, with up to seven bytes for each character.</summary>
    public const int Message = 128 * 1024;

    /// <summary>Describes the length of a text as far as it arrived: "300 characters", or "4,000 characters or more".</summary>
    public static string Describe(int length, int most = Field) =>
        (length >= most ? Texts.Field_LengthOrMore : Texts.Field_Length).With(length);
}
