using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>Completes an operation of the document with its <see cref="ApiOperation"/> and with the errors of
/// <see cref="CommonErrors"/>.</summary>
internal sealed class OperationTransformer(IOptions<JsonOptions> json) : IOpenApiOperationTransformer
{
    private readonly JsonSerializerOptions _answers = json.Value.SerializerOptions;
    private readonly JsonSerializerOptions _requests = new(json.Value.SerializerOptions) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (OperationProvider.Find(context.Description) is not { } described)
            return Task.CompletedTask;
        var (document, method) = (context.Document!, context.Description.HttpMethod!);
        operation.OperationId = described.Id;
        operation.Summary = described.Summary;
        operation.Description = described.Description;
        operation.Tags = new HashSet<OpenApiTagReference> { new(described.Tag, document) };
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
            (parameter.Description, parameter.Example) = (described.Target?.Description, described.Target?.Example);
        foreach (var parameter in QueryParameters.Of(described, method, context.ApplicationServices))
            operation.Parameters.Add(parameter);
        if (described.Body is { } body)
            operation.RequestBody!.Content!.Values.Single().Example = JsonSerializer.SerializeToNode(body, _requests);
        DescribeAnswer(operation, described, method, document);
        foreach (var (status, refusals) in ErrorAnswers.Of(described, method))
            operation.Responses![status] = ErrorAnswers.Describe(document, status, refusals);
        return Task.CompletedTask;
    }

    private void DescribeAnswer(OpenApiOperation operation, ApiOperation described, string method, OpenApiDocument document)
    {
        var answer = described.Answer;
        var response = (OpenApiResponse)operation.Responses!.Values.Single();
        response.Description = answer.Description;
        string[] tag = ApiOperation.TakesIfNoneMatch(method) ? [ApiHeaders.ETag] : [];
        response.Headers = ApiHeaders.Of(document, answer.Headers.Concat(tag).Concat(ApiHeaders.OfLimits).Distinct());
        if (tag.Length > 0)
            operation.Responses["304"] = new OpenApiResponse
            {
                Description = "Not modified. The response that you have is still current.", Headers = ApiHeaders.Of(document, [.. tag, .. ApiHeaders.OfLimits]),
            };
        if (answer.Body is null)
            return;
        var content = response.Content!.Values.Single();
        if (answer.OrList is not { } list)
        {
            content.Example = JsonSerializer.SerializeToNode(answer.Body, _answers);
            return;
        }

        content.Schema = new OpenApiSchema { OneOf = [content.Schema!, new OpenApiSchema { Type = JsonSchemaType.Array, Items = content.Schema }] };
        content.Examples = new Dictionary<string, IOpenApiExample>
        {
            ["one"] = Example(JsonSerializer.SerializeToNode(answer.Body, _answers)),
            ["several"] = Example(JsonSerializer.SerializeToNode<object>(list, _answers)),
        };
    }

    private static OpenApiExample Example(JsonNode? value) => new() { Value = value };
}
