using System.Net;
using Portal.Api.Idempotency;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>A refusal that many operations share.</summary>
/// <param name="Sample">An example.</param>
/// <param name="Meets">Whether an operation with this description and method can cause it.</param>
internal sealed record CommonError(Refusal Sample, Func<ApiOperation, string, bool> Meets);

/// <summary>The errors that many operations share, for the OpenAPI document.</summary>
internal static class CommonErrors
{
    public const string RequestId = "0HNR4T2J8K1QF:00000003";

    private static readonly RateStatus Exhausted = new(new RateLimit(100, RateUnit.Minute), 0, TimeSpan.FromSeconds(12));

    public static readonly IReadOnlyList<CommonError> All =
    [
        new(Refusals.Unreadable(StatusCodes.Status400BadRequest), Always),
        new(Refusals.Unauthorized, Always),
        new(Refusals.Expired(Samples.Handle), Always),
        new(Refusals.AddressNotAllowed(Samples.Handle, IPAddress.Parse("203.0.113.7")), Always),
        new(Refusals.ModuleNotEnabled(Samples.Handle, new Module("MD-0007", "Integrations", 0, [])), (operation, _) => !operation.IsOpen),
        new(Refusals.Unreadable(StatusCodes.Status408RequestTimeout), HasBody),
        new(Refusals.Unreadable(StatusCodes.Status413PayloadTooLarge), HasBody),
        new(Refusals.Unreadable(StatusCodes.Status415UnsupportedMediaType), HasBody),
        new(IdempotencyRefusals.Malformed, IsRepeatable),
        new(IdempotencyRefusals.Running, IsRepeatable),
        new(IdempotencyRefusals.Reused, IsRepeatable),
        new(IdempotencyRefusals.ForAnotherKey(Samples.Handle, Samples.NewHandle), IsRepeatable),
        new(TokenAnswers.Changed(Samples.Handle), (operation, method) => operation.TakesIfMatch(method)),
        new(Refusals.TooManyRequests(Samples.Handle, Exhausted), Always),
        new(Refusals.HeadersTooLarge, Always),
        new(Refusals.Fault(RequestId), Always),
        new(Refusals.Unavailable(DatabaseFault.Held), Always),
        new(Refusals.Unavailable(DatabaseFault.Full), IsChange),
    ];

    /// <summary>The meaning of each error code.</summary>
    public static readonly IReadOnlyDictionary<string, string> Meanings = new Dictionary<string, string>
    {
        [ErrorCodes.Unauthorized] = "the key is missing or invalid",
        [ErrorCodes.TokenNotUsable] = "the key is valid, but its token is expired, disabled, pending or deleted",
        [ErrorCodes.AddressNotAllowed] = "the IP rules don't allow the client's address",
        [ErrorCodes.ModuleNotEnabled] = "the calling token may not use the module that owns the path",
        [ErrorCodes.NotManageable] = "the change affects modules that the calling token may not use itself",
        [ErrorCodes.ExpirationTooLate] = "the requested key would expire later than the key that you sent",
        [ErrorCodes.TooManyRequests] = "the token's rate limit is exceeded, or too many requests without a valid key came from the address",
        [ErrorCodes.NotFound] = "the object doesn't exist in the account",
        [ErrorCodes.Invalid] = "the request is invalid; each error is a line of its own",
        [ErrorCodes.Changed] = "a precondition failed: usually, the token has changed since you read it; nothing was saved",
        [ErrorCodes.IdempotencyKeyInUse] = "the first request with the idempotency key is still in progress",
        [ErrorCodes.IdempotencyKeyReused] = "the idempotency key was used for a different request",
        [ErrorCodes.IdempotencyKeyOfAnotherKey] = "the request was completed with another key of the calling token, and only that key can read the response",
        [ErrorCodes.DatabaseUnavailable] = "the database is unavailable, for example because another program has locked it; nothing was changed",
        [ErrorCodes.DatabaseFull] = "the disk that holds the database is full; nothing was changed",
        [ErrorCodes.Internal] = "an internal error occurred",
    };

    /// <summary>The codes that no operation of the document returns: those of the gateway, of forward authentication, and of unsupported
    /// methods.</summary>
    public static readonly IReadOnlyList<string> Elsewhere =
    [
        ErrorCodes.MethodNotAllowed, ErrorCodes.NoUpstream, ErrorCodes.UpstreamFailed, ErrorCodes.UpstreamTooSlow, ErrorCodes.NoHealthyUpstream,
        ErrorCodes.UnclearAuthorizationRequest,
    ];

    /// <summary>All refusals of an operation. The first one of each code is the most specific.</summary>
    public static IEnumerable<Refusal> Of(ApiOperation operation, string method) =>
        [.. operation.Errors, .. All.Where(error => error.Meets(operation, method)).Select(error => error.Sample)];

    private static bool Always(ApiOperation operation, string method) => true;

    private static bool IsChange(ApiOperation operation, string method) => !HttpMethods.IsGet(method);

    private static bool IsRepeatable(ApiOperation operation, string method) => operation.IsRepeatable;

    private static bool HasBody(ApiOperation operation, string method) => operation.Body is not null;
}
