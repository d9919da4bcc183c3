using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Portal.Api.Document;

/// <summary>A long text that is constant while the process runs. It is compressed once and served compressed.</summary>
internal sealed class CompressedText
{
    private readonly byte[] _gzip;
    private readonly string _contentType;
    private readonly string _tag;

    /// <param name="gzip">The text, compressed with gzip.</param>
    public CompressedText(byte[] gzip, string contentType) =>
        (_gzip, _contentType, _tag) = (gzip, contentType, Convert.ToHexStringLower(SHA256.HashData(gzip))[..16]);

    public static CompressedText Of(ReadOnlySpan<byte> text, string contentType, CompressionLevel level = CompressionLevel.SmallestSize)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, level))
            gzip.Write(text);
        return new CompressedText(buffer.ToArray(), contentType);
    }

    /// <summary>Responds with the text. Decompresses it for the few clients that don't accept gzip.</summary>
    public IResult Answer(HttpContext context)
    {
        var headers = context.Response.Headers;
        // Clients must revalidate each time, because another version of Portal has another text.
        headers.CacheControl = "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            using var text = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(_gzip, writable: false), CompressionMode.Decompress))
                gzip.CopyTo(text);
            return TypedResults.Bytes(text.ToArray(), _contentType, entityTag: new EntityTagHeaderValue($"\"{_tag}\""));
        }

        headers.ContentEncoding = "gzip";
        return TypedResults.Bytes(_gzip, _contentType, entityTag: new EntityTagHeaderValue($"\"{_tag}-gzip\""));
    }
}
