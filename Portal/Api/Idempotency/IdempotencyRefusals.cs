using Portal.Wire;

namespace Portal.Api.Idempotency;

/// <summary>What is said about idempotency keys that can't be served.</summary>
internal static class IdempotencyRefusals
{
    public static readonly Refusal Malformed = new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
        $"{IdempotencyKey.HeaderName}: must be sent once, with 1 to {IdempotencyKey.Longest} visible ASCII characters, "
        + "in double quotes or without; a UUID is a good one.");

    public static readonly Refusal Reused = new(
        StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyReused,
        $"This {IdempotencyKey.HeaderName} was sent with another request in the last 24 hours. "
        + "Send the same request to get its answer again, or a new key with a new request.");

    public static readonly Refusal Running = new(
        StatusCodes.Status409Conflict, ErrorCodes.IdempotencyKeyInUse,
        $"A request with this {IdempotencyKey.HeaderName} is still being worked on. Send it again in a second to get its answer.")
    {
        RetryAfter = 1,
    };

    /// <param name="caller">The token that asks.</param>
    /// <param name="handle">The token that was made or changed; null: several.</param>
    public static Refusal ForAnotherKey(string caller, string? handle) => new(
        StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyOfAnotherKey,
        $"This request was done already, with another API key of {caller}; only a request with that one gets the answer again. "
        + (handle is null
            ? $"Look at the tokens, and rotate those whose keys are lost under a new {IdempotencyKey.HeaderName}."
            : $"The token is {handle}: rotate it, under a new {IdempotencyKey.HeaderName}, if its key is lost."));
}
