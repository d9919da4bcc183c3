using System.Text.Json;
using Portal.Authentication;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>Endpoints that change the keys and the status of a token.</summary>
internal static class TokenActionEndpoints
{
    /// <summary>Applies one of <see cref="TokenAction.All"/> to a token.</summary>
    public static async Task<IResult> RunAsync(
        TokenAction action, string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers,
        CancellationToken cancellation)
    {
        var arguments = new TokenActionArguments { Condition = ConditionalChanges.Of(context) };
        if (action.NewKey is { } newKey)
        {
            if (await records.FindAsync(caller, pk, cancellation) is not { } token)
                return TokenAnswers.NotFound(pk);
            var input = await JsonInput.ReadAsync(context.Request, cancellation);
            arguments = arguments with { ExpiresAt = ReadExpiration(input, newKey, token), Overlap = newKey.TakesOverlap ? input.Duration("overlap") : null };
            if (!newKey.RequiresExpiration)
                arguments = arguments with { PerpetualReason = input.Text("perpetual_reason", nullable: true) };
            if (input.Refusal is { } faults)
                return faults;
            arguments = arguments with { Call = await answers.RememberAsync(context, caller, StatusCodes.Status200OK, cancellation) };
        }

        return await answers.AnswerAsync(context, caller, pk, await action.Run(tokens, caller, pk, arguments, cancellation), cancellation);
    }

    /// <summary>Applies one of <see cref="TokenAction.All"/> to the calling token.</summary>
    public static Task<IResult> RunOnSelfAsync(
        TokenAction action, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers,
        CancellationToken cancellation) =>
        RunAsync(action, caller.Actor.Id, context, caller, tokens, records, answers, cancellation);

    /// <summary>Returns the calling token.</summary>
    public static async Task<IResult> GetSelfAsync(
        HttpContext context, ApiActor actor, ApiCaller caller, TokenRecordReader records, CancellationToken cancellation)
    {
        var (handle, limit) = (caller.Credential.Handle, caller.Credential.Limit);
        if (await records.FindAsync(actor, handle, cancellation) is not { } token)
            return TokenAnswers.NotFound(handle);
        var body = new SelfBody(
            handle, token.Name, TokenBody.StatusOf(token),
            Bodies.Moment(token.PreviousEndsAt ?? token.ExpiresAt), Bodies.Moment(token.PreviousEndsAt is null ? null : token.ExpiresAt),
            [.. token.Grants.Select(PermissionBody.Of)],
            limit is { } some ? new RateLimitBody(some.Requests, some.Per.ToString().ToLowerInvariant()) : null);
        context.Response.Headers.ETag = EntityTags.Of(token, JsonSerializer.SerializeToUtf8Bytes(body));
        return TypedResults.Ok(body);
    }

    /// <summary>Reads when the new key expires. The default is the expiration of the current key.</summary>
    private static DateTime? ReadExpiration(JsonInput input, NewKeyInput newKey, TokenRecord token)
    {
        var isSent = input.Has("expiration_date");
        if (!isSent && !newKey.RequiresExpiration)
            return token.ExpiresAt;
        var expiresAt = input.Moment("expiration_date");
        if (newKey.RequiresExpiration && (!isSent || (expiresAt is null && input.Refusal is null)))
            input.Fault("expiration_date", "is required. Send the time when the new key expires.");
        return expiresAt;
    }
}
