using System.Text.Json;
using Portal.Authentication;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>What is done to a token's keys and status.</summary>
internal static class TokenActionEndpoints
{
    public static async Task<IResult> ActivateAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, CancellationToken cancellation) =>
        await answers.AnswerAsync(context, caller, pk, await tokens.EnableAsync(caller, pk, ConditionalChanges.Of(context), cancellation), cancellation);

    public static async Task<IResult> DeactivateAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, CancellationToken cancellation) =>
        await answers.AnswerAsync(context, caller, pk, await tokens.DisableAsync(caller, pk, ConditionalChanges.Of(context), cancellation), cancellation);

    /// <summary>A new key beside the present one, which lives until its own expiration.</summary>
    public static async Task<IResult> RenewAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers,
        CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, pk, cancellation) is null)
            return TokenAnswers.NotFound(pk);
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var expiresAt = input.Moment("expiration_date");
        if (!input.Has("expiration_date") || (expiresAt is null && input.Refusal is null))
            input.Fault("expiration_date", "is required: say when the new key ends.");
        if (input.Refusal is { } faults)
            return faults;
        var call = await answers.RememberAsync(context, caller, StatusCodes.Status200OK, cancellation);
        var outcome = await tokens.RenewAsync(caller, pk, expiresAt!.Value, call, ConditionalChanges.Of(context), cancellation);
        return await answers.AnswerAsync(context, caller, pk, outcome, cancellation);
    }

    /// <summary>A new key in the place of all others, which end now; with an overlap the present one ends only after that. Without a date
    /// the new one ends when the present one would have.</summary>
    public static async Task<IResult> RotateAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers,
        CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, pk, cancellation) is not { } token)
            return TokenAnswers.NotFound(pk);
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var expiresAt = input.Has("expiration_date") ? input.Moment("expiration_date") : token.ExpiresAt;
        var overlap = input.Duration("overlap");
        if (input.Refusal is { } faults)
            return faults;
        var call = await answers.RememberAsync(context, caller, StatusCodes.Status200OK, cancellation);
        var outcome = await tokens.RotateAsync(caller, pk, expiresAt, overlap, call, ConditionalChanges.Of(context), cancellation);
        return await answers.AnswerAsync(context, caller, pk, outcome, cancellation);
    }

    /// <summary>The previous key ends now, while two live. If only one does, nothing changes.</summary>
    public static async Task<IResult> EndPreviousAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, CancellationToken cancellation) =>
        await answers.AnswerAsync(context, caller, pk, await tokens.EndPreviousAsync(caller, pk, ConditionalChanges.Of(context), cancellation), cancellation);

    /// <summary>What the calling token is told of itself.</summary>
    public static async Task<IResult> GetSelfAsync(
        HttpContext context, ApiActor caller, ApiCaller gate, TokenRecordReader records, CancellationToken cancellation)
    {
        var (handle, limit) = (gate.Credential.Handle, gate.Credential.Limit);
        if (await records.FindAsync(caller, handle, cancellation) is not { } token)
            return TokenAnswers.NotFound(handle);
        var body = new SelfBody(
            handle, token.Name, TokenBody.StatusOf(token),
            Bodies.Moment(token.PreviousEndsAt ?? token.ExpiresAt), Bodies.Moment(token.PreviousEndsAt is null ? null : token.ExpiresAt),
            [.. token.Grants.Select(PermissionBody.Of)],
            limit is { } some ? new RateLimitBody(some.Requests, some.Per.ToString().ToLowerInvariant()) : null);
        context.Response.Headers.ETag = EntityTags.Of(token, JsonSerializer.SerializeToUtf8Bytes(body));
        return TypedResults.Ok(body);
    }

    /// <summary>The calling token replaces its own key. The one that it called with ends now, or after the overlap.</summary>
    public static Task<IResult> RotateSelfAsync(
        HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers, CancellationToken cancellation) =>
        RotateAsync(caller.Actor.Id, context, caller, tokens, records, answers, cancellation);

    /// <summary>The calling token ends its own previous key, which it may have called with.</summary>
    public static Task<IResult> EndPreviousSelfAsync(
        HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, CancellationToken cancellation) =>
        EndPreviousAsync(caller.Actor.Id, context, caller, tokens, answers, cancellation);
}
