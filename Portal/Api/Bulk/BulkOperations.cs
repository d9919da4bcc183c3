using Portal.Api.Document;
using static Portal.Api.TokenOperations;

namespace Portal.Api.Bulk;

/// <summary>The request body for the OpenAPI document. <see cref="BulkRequest"/> reads it field by field. Fields are omitted, not null.</summary>
/// <param name="Ids">The handles of the tokens: at most 1,000, or 200 if the action creates keys. Send either this or the query.</param>
/// <param name="Query">A filter that selects the tokens, as in the query string of the list. Send either this or the ids.</param>
/// <param name="ExpirationDate">When the new keys expire. Required to renew. To rotate, null: never; omitted: as the current keys.</param>
/// <param name="Overlap">When rotating: how long the current keys keep working, as an ISO 8601 duration; at most 30 days.</param>
internal sealed record BulkWrite(
    [property: BulkActionName] string Action, string[] Ids = null!, string Query = null!, DateTimeOffset? ExpirationDate = null, string Overlap = null!);

/// <summary>The allowed texts are the wire names of the actions.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BulkActionNameAttribute : OneOfAttribute
{
    public override IEnumerable<string> Names => BulkRequest.Actions.Select(action => action.WireName);
}

/// <summary>Describes the operations of <see cref="BulkEndpoint"/>.</summary>
internal static class BulkOperations
{
    public static readonly ApiOperation Run = new("auth_tokens_bulk_postBulkTokens", ApiTags.Extensions, "Change many tokens")
    {
        Description = "Runs one action on each of the tokens. Each succeeds or fails on its own. If the client disconnects, the remaining tokens are left unchanged.",
        IsRepeatable = true,
        Body = new BulkWrite("deactivate", [Samples.Handle, Samples.NewHandle]),
        Answer = new(StatusCodes.Status200OK, "A result for each token, in the order of the request.", Example),
        Errors = [Invalid("Send either ids or query to select the tokens."), TokenAnswers.OnlyReading],
    };

    private static BulkBody Example => BulkBody.Of(
    [
        new BulkItemBody(Samples.Handle, StatusCodes.Status200OK, Samples.Inactive),
        BulkItemBody.Of(Samples.NewHandle, TokenAnswers.NotFound(Samples.NewHandle)),
    ]);
}
