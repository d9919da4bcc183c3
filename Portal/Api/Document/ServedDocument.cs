using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>The served document. It is generated once, because anyone can request it and it doesn't change while the process
/// runs.</summary>
internal sealed class ServedDocument([FromKeyedServices(ServedDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";
    public const string Path = "/openapi/v1.json";

    /// <summary>Usually there is one, or two if a proxy adds a prefix for some clients.</summary>
    private const int MostPathBases = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<CompressedText>> _written = new(StringComparer.Ordinal);

    public static async Task<IResult> AnswerAsync(HttpContext context, ServedDocument document) =>
        (await document.WrittenAsync(context.Request.PathBase.ToUriComponent())).Answer(context);

    /// <summary>Generates the document once for all requests. After a failure, the next request tries again.</summary>
    /// <param name="pathBase">The path prefix of Portal; empty: none.</param>
    private Task<CompressedText> WrittenAsync(string pathBase)
    {
        lock (_lock)
        {
            if (_written.TryGetValue(pathBase, out var written) && !written.IsFaulted)
                return written;
            if (_written.Count >= MostPathBases)
                _written.Clear();
            return _written[pathBase] = WriteAsync(pathBase);
        }
    }

    private async Task<CompressedText> WriteAsync(string pathBase)
    {
        var document = await provider.GetOpenApiDocumentAsync();
        foreach (var server in document.Servers ?? [])
            server.Url = pathBase + server.Url;
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        return CompressedText.Of(buffer.ToArray(), "application/json");
    }
}
