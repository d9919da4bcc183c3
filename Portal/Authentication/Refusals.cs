using System.Globalization;
using System.Net;
using Microsoft.Net.Http.Headers;
using Portal.Addresses;
using Portal.Catalog;
using Portal.Data;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The refusals of API requests and their messages.</summary>
internal static class Refusals
{
    public static readonly Refusal Unauthorized =
        new(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, "API request is unauthorized.");

    /// <summary>The refusal for a status; null if a token with this status may be used.</summary>
    public static Refusal? For(string handle, StoredStatus status) => status switch
    {
        StoredStatus.Deleted => NotUsable(handle, "was deleted. Ask its administrator for another one."),
        StoredStatus.Inactive => NotUsable(handle, "is disabled. Ask its administrator to enable it."),
        StoredStatus.Pending => NotUsable(handle, "is pending: not active yet. Ask its administrator to enable it."),
        _ => null,
    };

    /// <param name="start">UTC.</param>
    public static Refusal NotStarted(string handle, DateTime start) => NotUsable(
        handle, string.Create(CultureInfo.InvariantCulture, $"is pending until {start:yyyy-MM-dd'T'HH:mm:ss'Z'}. Wait until then, or ask its administrator to enable it."));

    public static Refusal Expired(string handle) => NotUsable(handle, "has expired. Ask its administrator to renew it.");

    /// <param name="address">Null if the connection has none.</param>
    public static Refusal AddressNotAllowed(string handle, IPAddress? address) => new(
        StatusCodes.Status403Forbidden, ErrorCodes.AddressNotAllowed,
        $"The token {handle} may not be used from {(AddressNumber.Write(address) is { } known ? $"the address {known}" : "an unknown address")}. "
        + "Ask its administrator to add the address to the IP rules.");

    public static Refusal ModuleNotEnabled(string handle, Module module) => new(
        StatusCodes.Status403Forbidden, ErrorCodes.ModuleNotEnabled,
        $"The token {handle} may not use the module {module.Name}. Ask its administrator to enable it.");

    public static Refusal TooManyRequests(string handle, RateStatus status) => new(
        StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyRequests,
        $"The token {handle} may send {status.Limit.Describe()}. Try again in {Seconds(status)}.")
    {
        RetryAfter = status.RetryAfterSeconds,
    };

    public static Refusal TooManyFailures(IPAddress? address, RateStatus status) => new(
        StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyRequests,
        $"Too many requests without a valid key came from {AddressNumber.Write(address) ?? "an unknown address"}. Check the key, and try again in {Seconds(status)}.")
    {
        RetryAfter = status.RetryAfterSeconds,
    };

    public static Refusal NothingAt(PathString path) =>
        new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"There is nothing at {path}. Check the address.");

    public static Refusal TargetTooLong(int length) => new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid, string.Create(
            CultureInfo.InvariantCulture,
            $"The path and query have {length:N0} characters, but the limit is {ServerLimits.LongestApiTarget:N0}. Shorten the request."));

    public static readonly Refusal HeadersTooLarge = new(
        StatusCodes.Status431RequestHeaderFieldsTooLarge, ErrorCodes.Invalid, string.Create(
            CultureInfo.InvariantCulture,
            $"The headers are too large. The limit is {ServerLimits.MostHeaders} headers with {ServerLimits.LongestHeaders:N0} characters in total. Send fewer or shorter headers."));

    public static Refusal Fault(string requestId) => new(
        StatusCodes.Status500InternalServerError, ErrorCodes.Internal,
        $"An internal error occurred. Try again; if the error persists, give Portal's operator this number: {requestId}.");

    /// <summary>The response to a request that failed: the database is unavailable if this is the cause, otherwise <see cref="Fault"/>.</summary>
    public static Refusal ForFailure(Exception exception, string requestId) =>
        DatabaseErrors.Find(exception) is { } fault ? Unavailable(fault) : Fault(requestId);

    public static Refusal Unavailable(DatabaseFault fault) => new(
        fault == DatabaseFault.Full ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status503ServiceUnavailable,
        fault == DatabaseFault.Full ? ErrorCodes.DatabaseFull : ErrorCodes.DatabaseUnavailable,
        fault == DatabaseFault.Unknown
            ? $"{fault.What}, so it doesn't know whether the change was made. Check that before you repeat it, or repeat it with the same Idempotency-Key in {fault.RetryAfter} seconds."
            : $"{fault.What}, so nothing was changed. Try again in {fault.RetryAfter} seconds; if the error persists, contact Portal's operator.")
    {
        RetryAfter = fault.RetryAfter,
    };

    /// <summary>The refusal of a request in progress, after the database could not be read for several seconds.</summary>
    public static readonly Refusal NotReviewed = new(
        StatusCodes.Status503ServiceUnavailable, ErrorCodes.DatabaseUnavailable,
        $"Portal cannot read its database, so it ended this request: the token may no longer be valid. Try again in {DatabaseFault.Unreadable.RetryAfter} seconds; if the error persists, contact Portal's operator.")
    {
        RetryAfter = DatabaseFault.Unreadable.RetryAfter,
    };

    public static Refusal Unreadable(int statusCode) => new(statusCode, ErrorCodes.Invalid, statusCode switch
    {
        StatusCodes.Status408RequestTimeout => "The body arrived too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON, sent with Content-Type: application/json.",
        _ => "The request cannot be read. Check its parameters and that its body is complete, valid JSON.",
    });

    /// <summary>The refusal for a request that the web server itself refuses.</summary>
    public static Refusal Malformed(int statusCode) => statusCode switch
    {
        StatusCodes.Status431RequestHeaderFieldsTooLarge => HeadersTooLarge,
        StatusCodes.Status408RequestTimeout => new(statusCode, ErrorCodes.Invalid, "The headers arrived too slowly."),
        _ => new(statusCode, ErrorCodes.Invalid, "The request is not valid HTTP. Check its first line, its Host header and its other headers."),
    };

    /// <summary>The body for a bare status of the framework: no endpoint, another method, or invalid input.</summary>
    /// <returns>Null if the response is complete as it is.</returns>
    public static Refusal? ForBareStatus(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < StatusCodes.Status400BadRequest || response.ContentType is not null)
            return null;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => NothingAt(context.Request.Path),
            StatusCodes.Status405MethodNotAllowed => new(
                response.StatusCode, ErrorCodes.MethodNotAllowed,
                $"The method {context.Request.Method} is not supported at {context.Request.Path}. Use {response.Headers[HeaderNames.Allow]}."),
            StatusCodes.Status400BadRequest or StatusCodes.Status408RequestTimeout or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType =>
                Unreadable(response.StatusCode),
            _ => null,
        };
    }

    private static string Seconds(RateStatus status) => status.RetryAfterSeconds == 1 ? "a second" : $"{status.RetryAfterSeconds} seconds";

    private static Refusal NotUsable(string handle, string why) =>
        new(StatusCodes.Status401Unauthorized, ErrorCodes.TokenNotUsable, $"The token {handle} {why}");
}
