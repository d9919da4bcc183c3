using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;
using Portal.Authentication;

namespace Portal.Api.Document;

/// <summary>Registers the API's OpenAPI document and its reference page.</summary>
internal static class DocumentExtensions
{
    public static void AddApiDocument(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, OperationProvider>());
        builder.Services.AddSingleton<ServedDocument>();
        builder.Services.AddOpenApi(ServedDocument.Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = IsPart;
            options.CreateSchemaReferenceId = SchemaTransformer.NameOf;
            options.AddSchemaTransformer<SchemaTransformer>();
            options.AddOperationTransformer<OperationTransformer>();
            options.AddDocumentTransformer<DocumentTransformer>();
        });
    }

    /// <summary>Maps the document for everyone: client tools have no session cookie, and the document contains no data.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapMethods(ServedDocument.Path, ApiExtensions.Reading, ServedDocument.AnswerAsync).AllowAnonymous();
        app.MapMethods(ReferencePage.Path, ApiExtensions.Reading, ReferencePage.Answer).AllowAnonymous();
        app.MapMethods(ReferencePage.Path + "/scalar.js", ApiExtensions.Reading, ReferencePage.AnswerScript).AllowAnonymous();
    }

    /// <summary>Whether the document includes an endpoint. It omits HEAD, which would duplicate every GET.</summary>
    private static bool IsPart(ApiDescription description) =>
        $"/{description.RelativePath}".StartsWith(ApiKeyMiddleware.BasePath + "/", StringComparison.Ordinal) && description.HttpMethod != HttpMethods.Head;
}
