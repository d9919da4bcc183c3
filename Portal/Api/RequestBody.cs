using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portal.Wire;

namespace Portal.Api;

/// <summary>The complete, decoded body of a request, or the reason why it can't be read.</summary>
/// <remarks>Used only for Portal's own API. Bodies of requests to upstreams are forwarded unchanged.</remarks>
/// <param name="Content">Empty if <paramref name="Refusal"/> is set.</param>
/// <param name="Refusal">Null: the body was read.</param>
internal sealed record RequestBody(MemoryStream Content, Refusal? Refusal)
{
    /// <summary>The maximum size in bytes, both encoded and decoded. The largest useful body has some kilobytes.</summary>
    public const int Largest = 64 * 1024;

    private const int MostCodings = 3;

    /// <summary>The accepted values of <c>Content-Encoding</c>, as a 415 lists them (RFC 9110, 12.5.3).</summary>
    private const string Accepted = "gzip, deflate, br";

    /// <exception cref="BadHttpRequestException">The body is too large or ends early. The middleware answers this.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = Largest;
        if (Codings(request.Headers.ContentEncoding) is not { } codings)
            return Unsupported(request.HttpContext.Response);
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellation);
        body.Position = 0;
        // The last coding in the list was applied last. An empty body isn't encoded, whatever the header says.
        foreach (var coding in codings.AsEnumerable().Reverse().TakeWhile(_ => body.Length > 0))
            try
            {
                body = await DecodeAsync(body, coding, cancellation);
            }
            catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
            {
                return new RequestBody(new MemoryStream(), new Refusal(
                    StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
                    $"The body is not valid {coding} data, although Content-Encoding says so. Check that it is complete and encoded only once."));
            }

        // The body may be read again, and must not be decoded twice.
        request.Headers.ContentEncoding = default;
        return new RequestBody(body, null);
    }

    /// <returns>The codings; null: one isn't supported.</returns>
    private static List<string>? Codings(StringValues header)
    {
        List<string> codings = [];
        foreach (var name in header.SelectMany(line => line!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            switch (name.ToLowerInvariant())
            {
                case "identity":
                    break;
                case "gzip" or "x-gzip":
                    codings.Add("gzip");
                    break;
                case "deflate" or "br":
                    codings.Add(name.ToLowerInvariant());
                    break;
                default:
                    return null;
            }

        return codings.Count > MostCodings ? null : codings;
    }

    private static async Task<MemoryStream> DecodeAsync(MemoryStream encoded, string coding, CancellationToken cancellation)
    {
        await using var decoder = coding switch
        {
            "gzip" => (Stream)new GZipStream(encoded, CompressionMode.Decompress),
            "br" => new BrotliStream(encoded, CompressionMode.Decompress),
            _ => IsZLib(encoded.GetBuffer().AsSpan(0, (int)encoded.Length))
                ? new ZLibStream(encoded, CompressionMode.Decompress)
                : new DeflateStream(encoded, CompressionMode.Decompress),
        };
        var decoded = new MemoryStream();
        var buffer = new byte[4096];
        // Check the size while decoding: a few kilobytes can expand to megabytes.
        while (await decoder.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (decoded.Length + read > Largest)
                throw new BadHttpRequestException("The decoded body is too large.", StatusCodes.Status413PayloadTooLarge);
            decoded.Write(buffer, 0, read);
        }

        decoded.Position = 0;
        return decoded;
    }

    /// <summary>"deflate" means the zlib format (RFC 9110, 8.4.1.2); some clients send bare deflate data.</summary>
    private static bool IsZLib(ReadOnlySpan<byte> data) => data.Length >= 2 && (data[0] & 0x0F) == 8 && ((data[0] << 8) | data[1]) % 31 == 0;

    private static RequestBody Unsupported(HttpResponse response)
    {
        response.Headers[HeaderNames.AcceptEncoding] = Accepted;
        return new RequestBody(new MemoryStream(), new Refusal(
            StatusCodes.Status415UnsupportedMediaType, ErrorCodes.Invalid,
            $"The Content-Encoding of the body is not supported. Send the body without it, or use one of {Accepted}."));
    }
}
