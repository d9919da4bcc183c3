using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portal.Api;

/// <summary>Whether the bytes of a body are JSON text as it is sent: UTF-8 (RFC 8259, 8.1).</summary>
internal static class JsonText
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Without the byte-order mark that some editors put before UTF-8.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith(Mark) ? body[Mark.Length..] : body;

    /// <returns>What is wrong with the content type or the encoding of the text; null: nothing.</returns>
    public static string? FaultOf(HttpRequest request, ReadOnlySpan<byte> text)
    {
        if (!request.HasJsonContentType())
            return "The body must be JSON, sent with Content-Type: application/json.";
        // HasJsonContentType has read it already.
        var charset = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Charset).Value;
        if (charset is not (null or "") && !IsUtf8(charset))
            return "The body must be UTF-8. Send it as UTF-8, with charset=utf-8 or without a charset.";
        return IsWide(text) ? "The body looks like UTF-16 or UTF-32. Send it as UTF-8." : null;
    }

    /// <summary>How many arrays and objects lie within each other at most, as far as the text can be read.</summary>
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
            // What was read so far counts.
        }

        return deepest;
    }

    /// <summary>US-ASCII is a part of it.</summary>
    private static bool IsUtf8(string charset) =>
        charset.ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII" or "ASCII";

    /// <summary>A byte-order mark of another encoding, or a NUL where JSON in UTF-8 has a bracket or a space.</summary>
    private static bool IsWide(ReadOnlySpan<byte> text) => text is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, ..] or [_, 0, ..];
}
