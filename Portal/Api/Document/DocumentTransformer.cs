using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portal.Authentication;

namespace Portal.Api.Document;

/// <summary>Adds the address of the API, the authentication and an introduction to the OpenAPI document.</summary>
internal sealed class DocumentTransformer : IOpenApiDocumentTransformer
{
    /// <summary>The name in the wire contract.</summary>
    private const string SecurityScheme = "Apikey0";

    private const string Description =
        """
        Use this API to manage API tokens from a program. It does what the pages of Portal do.

        Send the full key of a token in the header `Authorization: ApiKey SU-160-984-311:f45b…`. The token needs the module *Integrations*,
        except for operations that every token may call. It can grant only the modules that it has itself. **A key is returned only in the
        response to the request that creates it**, and can't expire later than the key that you send.

        Paths work with and without a trailing slash. `HEAD` works wherever `GET` does. Request bodies are JSON with at most 64 KiB, and can be
        compressed with `Content-Encoding: gzip`, `deflate` or `br`. Portal ignores fields that an operation doesn't use, so you can send an
        object back as you read it. Times are in ISO 8601 format. Responses use UTC.

        To filter a list, use the parameters of the operation, such as `name=value`, or the operators of RQL: `ne(name,x)`, `in(id,(a,b))`,
        `(status=active|status=expiring)`. To leave out fields, use `select(-events)`.
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
