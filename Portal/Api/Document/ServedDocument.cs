using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>The document as it is served: written once, since anybody may ask for it and nothing in it changes while the process
/// runs.</summary>
internal sealed class ServedDocument([FromKeyedServices(ServedDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";
    public const string Path = "/openapi/v1.json";

    private readonly Lock _lock = new();
    private Task<CompressedText>? _written;

    public static async Task<IResult> AnswerAsync(HttpContext context, ServedDocument document) => (await document.WrittenAsync()).Answer(context);

    /// <summary>One writes it for all; after a failure, the next one tries again.</summary>
    private Task<CompressedText> WrittenAsync()
    {
        lock (_lock)
            return _written is null or { IsFaulted: true } ? _written = WriteAsync() : _written;
    }

    private async Task<CompressedText> WriteAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync();
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        return CompressedText.Of(buffer.ToArray(), "application/json");
    }
}
