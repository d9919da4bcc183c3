using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portal.Authentication;

namespace Portal.Api.Document;

/// <summary>What the document says as a whole: where the API is, how to authenticate, and what all operations share.</summary>
internal sealed class DocumentTransformer : IOpenApiDocumentTransformer
{
    /// <summary>As in the wire contract.</summary>
    private const string SecurityScheme = "Apikey0";

    private const string Description =
        """
        Manages API tokens: the same as Portal's screens, for programs.

        Send a token's key, as it was copied, in the header `Authorization: ApiKey SU-160-984-311:f45b…`. The token needs the module
        *Integrations*, but for what is marked as open to every token, and reaches only as far as its own modules go. **A key is only ever
        in the answer to the call that made it**, and ends no later than the key that made it.

        Paths work with and without a slash at the end, and `HEAD` wherever `GET` does. Bodies are JSON of at most 64 KiB, plain or with
        `Content-Encoding` `gzip`, `deflate` or `br`; fields that a
        call does not take are passed over, so that an object can be sent back as it was read. Moments are ISO 8601, answered in UTC.

        Lists take the filters that stand at each of them, as `name=value`, and the operators of RQL in their place: `ne(name,x)`,
        `in(id,(a,b))`, `(status=active|status=expiring)`. With `select(-events)` an answer leaves fields out.
        """;

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Portal", Version = "1.0", Description = Description };
        document.Servers = [new OpenApiServer { Url = ApiKeyMiddleware.BasePath, Description = "This Portal" }];
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths)
            paths.Add(path[ApiKeyMiddleware.BasePath.Length..], item);
        document.Paths = paths;
        document.Tags = new HashSet<OpenApiTag>(ApiTags.All.Select(tag => new OpenApiTag
        {
            Name = tag.Name,
            Description = tag.Description,
            Extensions = new Dictionary<string, IOpenApiExtension> { ["x-displayName"] = new JsonNodeExtension(JsonValue.Create(tag.Title)) },
        }));
        var components = document.Components ??= new OpenApiComponents();
        components.Headers = ApiHeaders.All.ToDictionary(header => header.Key, IOpenApiHeader (header) => header.Value);
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SecurityScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "Authorization",
                Description = $"The full API key of a token: `ApiKey {Samples.Handle}:…`.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, document)] = [] }];
        document.AddComponent(ErrorAnswers.SchemaName, await context.GetOrCreateSchemaAsync(typeof(RefusalBody), cancellationToken: cancellationToken));
    }
}
