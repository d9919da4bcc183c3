using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using System.Security.Cryptography;

namespace Portal.Api.Document;

/// <summary>The document as it is served: written once, since anybody may ask for it and nothing in it changes while the process
/// runs.</summary>
internal sealed class ServedDocument([FromKeyedServices(ServedDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";
    public const string Path = "/openapi/v1.json";

    private readonly Lock _lock = new();
    private Task<(byte[] Text, EntityTagHeaderValue Tag)>? _written;

    public static async Task<IResult> AnswerAsync(HttpContext context, ServedDocument document)
    {
        var (text, tag) = await document.WrittenAsync();
        // To be asked about each time: another version of Portal tells something else.
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(text, "application/json", entityTag: tag);
    }

    /// <summary>One writes it for all; after a failure, the next one tries again.</summary>
    private Task<(byte[] Text, EntityTagHeaderValue Tag)> WrittenAsync()
    {
        lock (_lock)
            return _written is null or { IsFaulted: true } ? _written = WriteAsync() : _written;
    }

    private async Task<(byte[] Text, EntityTagHeaderValue Tag)> WriteAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync();
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        var text = buffer.ToArray();
        return (text, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(text))[..16]}\""));
    }
}
