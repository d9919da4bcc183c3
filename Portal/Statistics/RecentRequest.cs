using System.Text;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>One of the last requests of a token.</summary>
/// <param name="At">UTC.</param>
/// <param name="Path">Decoded, without the query; cut to <see cref="LongestPath"/>.</param>
/// <param name="Duration">Null if Portal only decided whether the request may pass.</param>
/// <param name="Address">As text; null if unknown.</param>
public sealed record RecentRequest(DateTime At, string Method, string Path, int StatusCode, TimeSpan? Duration, string? Address)
{
    public const int LongestMethod = 16, LongestPath = 200, LongestClient = 200;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The code of Portal's refusal, or <see cref="CountReason.RetiredKey"/>; empty if the request was passed on.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The module that owns the path; empty if there is none or it is unknown.</summary>
    public string ModuleId { get; init; } = "";

    /// <summary>The user agent; null if the client sends none or it is unknown.</summary>
    public string? Client { get; init; }

    /// <summary>The secret that was sent; 0 if it is unknown.</summary>
    public long SecretId { get; init; }

    /// <summary>The <c>request_id</c> that the client got in an error response; null if it got none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The fingerprint of the secret, which is looked up when the request is read; null if it is unknown.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Whether the client got an error.</summary>
    public bool IsError => StatusCode >= 400;

    /// <summary>Whether Portal refused the request.</summary>
    public bool IsRefused => Reason.Length > 0;

    /// <summary>Cleans a header value. The web server reads headers as Latin-1, but most programs send non-ASCII characters in UTF-8.</summary>
    /// <inheritdoc cref="Clean"/>
    internal static string CleanHeader(string? value, int longest) => Clean(DecodeHeader(value), longest);

    private static string? DecodeHeader(string? value)
    {
        if (value is null || Ascii.IsValid(value))
            return value;
        try
        {
            return StrictUtf8.GetString(Encoding.Latin1.GetBytes(value));
        }
        catch (DecoderFallbackException)
        {
            return value;
        }
    }

    /// <summary>Cleans text of a client so that it can be stored and shown: shortens it, and removes control characters and anything that looks like
    /// a secret.</summary>
    internal static string Clean(string? text, int longest)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        // Shorten first, to limit the work for untrusted text. A truncated secret is still found.
        var hidden = SecretText.HideInPath(text.Length > longest + 64 ? text[..(longest + 64)] : text);
        var clean = new StringBuilder(Math.Min(hidden.Length, longest));
        foreach (var rune in hidden.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest)
                return clean.Append('…').ToString();
            clean.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format ? new Rune('·') : rune);
        }

        return clean.ToString();
    }
}

/// <summary>A request as it is recorded while it is served, without allocating anything.</summary>
/// <param name="Method">Null if there is nothing to record.</param>
/// <param name="Duration">Null if unknown.</param>
/// <param name="RequestId">The ID that the client gets in an error response; null if it gets none.</param>
public readonly record struct ServedRequest(string? Method, string? Path, TimeSpan? Duration, string? RequestId = null);
