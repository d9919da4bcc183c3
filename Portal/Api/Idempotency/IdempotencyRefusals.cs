using Portal.Wire;

namespace Portal.Api.Idempotency;

/// <summary>The refusals for idempotency keys.</summary>
internal static class IdempotencyRefusals
{
    public static readonly Refusal Malformed = new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
        $"{IdempotencyKey.HeaderName}: must be sent once, with 1 to {IdempotencyKey.Longest} visible ASCII characters, "
        + "with or without double quotes, such as a UUID.");

    public static readonly Refusal Reused = new(
        StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyReused,
        $"This {IdempotencyKey.HeaderName} was used for a different request in the last 24 hours. "
        + "Repeat the original request to get its response again, or send a new key with the new request.");

    public static readonly Refusal Running = new(
        StatusCodes.Status409Conflict, ErrorCodes.IdempotencyKeyInUse,
        $"A request with this {IdempotencyKey.HeaderName} is still in progress. Repeat it in a second to get its response.")
    {
        RetryAfter = 1,
    };

    /// <param name="caller">The calling token.</param>
    /// <param name="handle">The token that was created or changed; null: several.</param>
    public static Refusal ForAnotherKey(string caller, string? handle) => new(
        StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyOfAnotherKey,
        $"This request was already completed with another API key of {caller}. Only that key can get the response again. "
        + (handle is null
            ? $"If you don't have the new keys, rotate the tokens with a new {IdempotencyKey.HeaderName}."
            : $"If you don't have the key of {handle}, rotate the token with a new {IdempotencyKey.HeaderName}."));
}
