using Portal.Api.Idempotency;

namespace Portal.Api.Bulk;

/// <summary>Applies one action to many tokens. Each token has its own result, so a failure doesn't affect the others.</summary>
internal static class BulkEndpoint
{
    public static async Task<IResult> RunAsync(HttpContext context, ApiActor caller, BulkTokens bulk, CancellationToken cancellation)
    {
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var order = BulkRequest.Read(input);
        if (input.Refusal is { } faults)
            return faults;
        var call = IdempotentRequest.Of(context);
        order = order with { IsRepeat = call?.Items is not null };
        if (call?.Items is not { } ids)
        {
            (var refusal, ids) = await bulk.FindAsync(caller, order, cancellation);
            if (refusal is not null)
                return refusal;
            if (call is not null)
                await call.BeginAsync(ids, cancellation);
        }

        return TypedResults.Ok(BulkBody.Of(await bulk.RunAsync(context, caller, order, ids, call, cancellation)));
    }
}
