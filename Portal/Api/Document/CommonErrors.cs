using System.Net;
using Portal.Api.Idempotency;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>A refusal that many operations can meet.</summary>
/// <param name="Sample">As it is given.</param>
/// <param name="Meets">Which operations can meet it, by the description and the method.</param>
internal sealed record CommonError(Refusal Sample, Func<ApiOperation, string, bool> Meets);

/// <summary>What can go wrong with any call: the one table that the document takes it from.</summary>
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

    /// <summary>When each code is given.</summary>
    public static readonly IReadOnlyDictionary<string, string> Meanings = new Dictionary<string, string>
    {
        [ErrorCodes.Unauthorized] = "there is no key, or not a right one; one answer for all, without a word of which",
        [ErrorCodes.TokenNotUsable] = "the key is right, but its token has expired, is disabled, pending or deleted",
        [ErrorCodes.AddressNotAllowed] = "the IP rules do not allow the caller's address",
        [ErrorCodes.ModuleNotEnabled] = "the calling token may not use the module that owns the path",
        [ErrorCodes.BeyondReach] = "the calling token may manage tokens, but only as far as its own modules go",
        [ErrorCodes.Outlives] = "the key that was asked for would end later than the one that was sent",
        [ErrorCodes.TooManyRequests] = "the token's rate limit is used up, or too many requests without a right key came from the address",
        [ErrorCodes.NotFound] = "the account has no such object",
        [ErrorCodes.Invalid] = "something in the request is not as it must be; one line for each fault",
        [ErrorCodes.Changed] = "`If-Match` or `If-None-Match` does not hold: usually, the token has changed since it was read; nothing was saved",
        [ErrorCodes.IdempotencyKeyInUse] = "the first request with the idempotency key is still being worked on",
        [ErrorCodes.IdempotencyKeyReused] = "the idempotency key was sent with another request before",
        [ErrorCodes.IdempotencyKeyOfAnotherKey] = "the request was done with another key of the calling token, for which alone the answer can be read",
        [ErrorCodes.DatabaseUnavailable] = "the database cannot be used at present, as while another program holds it; nothing was changed",
        [ErrorCodes.DatabaseFull] = "the disk that holds the database is full; nothing was changed",
        [ErrorCodes.Internal] = "a fault of Portal's own",
    };

    /// <summary>Codes that no operation of the document answers: those of the gateway, of proxies that ask, and of a method that a
    /// path does not know.</summary>
    public static readonly IReadOnlyList<string> Elsewhere =
    [
        ErrorCodes.MethodNotAllowed, ErrorCodes.NoUpstream, ErrorCodes.UpstreamFailed, ErrorCodes.UpstreamTooSlow, ErrorCodes.NoHealthyUpstream,
        ErrorCodes.UnclearQuestion,
    ];

    /// <summary>All that the operation can be refused with, the first of each code being the most telling.</summary>
    public static IEnumerable<Refusal> Of(ApiOperation operation, string method) =>
        [.. operation.Errors, .. All.Where(error => error.Meets(operation, method)).Select(error => error.Sample)];

    private static bool Always(ApiOperation operation, string method) => true;

    private static bool IsChange(ApiOperation operation, string method) => !HttpMethods.IsGet(method);

    private static bool IsRepeatable(ApiOperation operation, string method) => operation.IsRepeatable;

    private static bool HasBody(ApiOperation operation, string method) => operation.Body is not null;
}
