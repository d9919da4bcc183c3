using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Portal.Api.Document;

/// <summary>Describes request and response types that the framework can't detect: bodies are read by hand, and endpoints return one
/// of several results.</summary>
internal sealed class OperationProvider : IApiDescriptionProvider
{
    private const string Json = "application/json";

    /// <summary>Runs after the framework's own provider, which finds the endpoints.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results)
            if (Find(description) is { } operation)
                Tell(description, operation);
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    /// <summary>Finds the description of an operation; null: it has none.</summary>
    public static ApiOperation? Find(ApiDescription description) => description.ActionDescriptor.EndpointMetadata
        .OfType<ApiOperation>()
        .SingleOrDefault(operation => operation.Method is null || operation.Method == description.HttpMethod);

    private static void Tell(ApiDescription description, ApiOperation operation)
    {
        if (operation.Body is { } body)
        {
            description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = Json });
            description.ParameterDescriptions.Add(new ApiParameterDescription
            {
                Name = "body", Source = BindingSource.Body, Type = body.GetType(), IsRequired = !operation.IsBodyOptional,
            });
        }

        description.SupportedResponseTypes.Clear();
        var answer = operation.Answer;
        description.SupportedResponseTypes.Add(new ApiResponseType
        {
            StatusCode = answer.Status,
            Type = answer.Body?.GetType(),
            ApiResponseFormats = answer.Body is null ? [] : [new ApiResponseFormat { MediaType = Json }],
        });
    }
}
