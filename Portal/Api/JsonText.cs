using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portal.Api;

/// <summary>Checks the encoding of a JSON body, which must be UTF-8 (RFC 8259, 8.1).</summary>
internal static class JsonText
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Removes the byte-order mark that some editors add.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith(Mark) ? body[Mark.Length..] : body;

    /// <returns>The error in the content type or the encoding; null: valid.</returns>
    public static string? FaultOf(HttpRequest request, ReadOnlySpan<byte> text)
    {
        if (!request.HasJsonContentType())
            return "The body must be JSON, sent with Content-Type: application/json.";
        // HasJsonContentType has already parsed it.
        var charset = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Charset).Value;
        if (charset is not (null or "") && !IsUtf8(charset))
            return "The body must be UTF-8. Send it as UTF-8, with charset=utf-8 or without a charset.";
        return IsUtf16OrUtf32(text) ? "The body looks like UTF-16 or UTF-32. Send it as UTF-8." : null;
    }

    /// <summary>The maximum nesting depth of arrays and objects, as far as the text can be read.</summary>
    public static int DepthOf(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 1_000 });
        var deepest = 0;
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    deepest = Math.Max(deepest, reader.CurrentDepth + 1);
        }
        catch (JsonException)
        {
            // Use the depth of the part that was read.
        }

        return deepest;
    }

    /// <summary>Whether the charset is UTF-8 or its subset US-ASCII.</summary>
    private static bool IsUtf8(string charset) =>
        charset.ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII" or "ASCII";

    /// <summary>Whether the text starts with the byte-order mark of another encoding, or has a NUL at its start, as UTF-16 and UTF-32 do.</summary>
    private static bool IsUtf16OrUtf32(ReadOnlySpan<byte> text) => text is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, ..] or [_, 0, ..];
}
