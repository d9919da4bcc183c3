using Portal.Api.Document;
using static Portal.Api.TokenOperations;

namespace Portal.Api.Bulk;

/// <summary>The request body for the OpenAPI document. <see cref="BulkRequest"/> reads it field by field. Fields are omitted, not null.</summary>
/// <param name="Ids">The tokens' handles, 1,000 at most, or 200 where keys are made. Either this or the query.</param>
/// <param name="Query">A filter that finds the tokens, as in the list's query string. Either this or the ids.</param>
/// <param name="ExpirationDate">When the new keys end. Required to renew. When rotating, null: never; nothing: as the present ones would have.</param>
/// <param name="Overlap">When rotating: for how long the present keys still work, as an ISO 8601 duration; 30 days at most.</param>
internal sealed record BulkWrite(
    [property: BulkActionName] string Action, string[] Ids = null!, string Query = null!, DateTimeOffset? ExpirationDate = null, string Overlap = null!);

/// <summary>The text is the wire name of an action.</summary>
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
