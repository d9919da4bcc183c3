using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>Every refusal, as it is written.</summary>
/// <param name="ErrorCode">Says to programs what is wrong. There may be more codes some day.</param>
/// <param name="Errors">Say it to people: one sentence for each fault.</param>
/// <param name="RequestId">Of a fault of Portal's own, it stands in Portal's log.</param>
[SchemaName(ErrorAnswers.SchemaName)]
internal sealed record RefusalBody(string ErrorCode, string[] Errors, string RequestId);

/// <summary>Describes refusals by the refusals themselves.</summary>
internal static class ErrorAnswers
{
    public const string SchemaName = "Error";

    /// <summary>By status.</summary>
    public static IEnumerable<(string Status, IReadOnlyList<Refusal> Refusals)> Of(ApiOperation operation, string method) =>
        CommonErrors.Of(operation, method)
            .GroupBy(refusal => refusal.StatusCode)
            .OrderBy(status => status.Key)
            .Select(status => (status.Key.ToString(CultureInfo.InvariantCulture), (IReadOnlyList<Refusal>)[.. status]));

    /// <summary>The answer in full where it is the operation's own, else a reference to what all operations share. Why an operation
    /// is forbidden differs by operation.</summary>
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

    /// <summary>The code; where it comes again, with a number.</summary>
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
