using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>The body of every error response.</summary>
/// <param name="ErrorCode">Identifies the error for programs. More codes may be added.</param>
/// <param name="Errors">Describes the errors for people, one sentence each.</param>
/// <param name="RequestId">Identifies the request. For an internal error, Portal's log contains it.</param>
[SchemaName(ErrorAnswers.SchemaName)]
internal sealed record RefusalBody(string ErrorCode, string[] Errors, string RequestId);

/// <summary>Describes error responses in the OpenAPI document, based on example refusals.</summary>
internal static class ErrorAnswers
{
    public const string SchemaName = "Error";

    /// <summary>The refusals of an operation, grouped by status.</summary>
    public static IEnumerable<(string Status, IReadOnlyList<Refusal> Refusals)> Of(ApiOperation operation, string method) =>
        CommonErrors.Of(operation, method)
            .GroupBy(refusal => refusal.StatusCode)
            .OrderBy(status => status.Key)
            .Select(status => (status.Key.ToString(CultureInfo.InvariantCulture), (IReadOnlyList<Refusal>)[.. status]));

    /// <summary>Describes the response in full if it is specific to the operation; otherwise refers to the shared response. The reasons for
    /// a 403 differ by operation.</summary>
    public static IOpenApiResponse Describe(OpenApiDocument document, string status, IReadOnlyList<Refusal> refusals)
    {
        if (refusals.Any(refusal => CommonErrors.All.All(common => common.Sample != refusal)) || refusals[0].StatusCode == StatusCodes.Status403Forbidden)
            return Write(document, refusals);
        var name = $"Refused{status}";
        document.Components ??= new OpenApiComponents();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        document.Components.Responses.TryAdd(name, Write(document, refusals));
        return new OpenApiResponseReference(name, document);
    }

    private static OpenApiResponse Write(OpenApiDocument document, IReadOnlyList<Refusal> refusals)
    {
        List<string> codes = [.. refusals.Select(refusal => refusal.Code).Distinct()];
        return new OpenApiResponse
        {
            Description = string.Join("\n", codes.Select(code => $"- `{code}`: {CommonErrors.Meanings[code]}.")),
            Headers = ApiHeaders.Of(document, HeadersOf(refusals[0].StatusCode)),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchemaReference(SchemaName, document),
                    Examples = refusals
                        .Select((refusal, index) => (Name: NameOf(refusals, index), Refusal: refusal))
                        .ToDictionary(example => example.Name, IOpenApiExample (example) => new OpenApiExample { Value = BodyOf(example.Refusal) }),
                },
            },
            Extensions = new Dictionary<string, IOpenApiExtension>
            {
                ["x-error-codes"] = new JsonNodeExtension(new JsonArray([.. codes.Select(code => JsonValue.Create(code))])),
            },
        };
    }

    /// <summary>The name of an example: the error code, with a number if it occurs more than once.</summary>
    private static string NameOf(IReadOnlyList<Refusal> refusals, int index)
    {
        var code = refusals[index].Code;
        var earlier = refusals.Take(index).Count(refusal => refusal.Code == code);
        return earlier == 0 ? code : string.Create(CultureInfo.InvariantCulture, $"{code}-{earlier + 1}");
    }

    private static IEnumerable<string> HeadersOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => [ApiHeaders.Challenge],
        StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            or StatusCodes.Status507InsufficientStorage => [ApiHeaders.RetryAfter, .. ApiHeaders.OfLimits],
        _ => ApiHeaders.OfLimits,
    };

    private static JsonObject BodyOf(Refusal refusal) => new()
    {
        ["error_code"] = refusal.Code,
        ["errors"] = new JsonArray([.. refusal.Errors.Select(error => JsonValue.Create(error))]),
        ["request_id"] = CommonErrors.RequestId,
    };
}
