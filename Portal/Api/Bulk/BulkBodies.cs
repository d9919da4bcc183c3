using System.Text.Json.Serialization;
using Portal.Wire;

namespace Portal.Api.Bulk;

/// <param name="Results">One result per token, in the order of the request.</param>
internal sealed record BulkBody(int Succeeded, int Failed, IReadOnlyList<BulkItemBody> Results)
{
    public static BulkBody Of(IReadOnlyList<BulkItemBody> results)
    {
        var succeeded = results.Count(item => item.Status < StatusCodes.Status400BadRequest);
        return new BulkBody(succeeded, results.Count - succeeded, results);
    }
}

/// <summary>The response that a request for this token alone would get.</summary>
/// <param name="Token">The token after the action, including a key that it created.</param>
internal sealed record BulkItemBody(
    string Id,
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TokenBody? Token = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ErrorCode = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Errors = null)
{
    public static BulkItemBody Of(string id, Refusal refusal) => new(id, refusal.StatusCode, null, refusal.Code, refusal.Errors);
}
