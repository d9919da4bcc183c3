using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Users;
using Portal.Addresses;
using Portal.Data;

namespace Portal.Scim;

/// <summary>Lets only the directory in, and answers every failure in the form of SCIM.</summary>
internal sealed partial class ScimGate(RequestDelegate next, ScimTokens tokens, UserLookup accounts, TimeProvider clock, ILogger<ScimGate> logger)
{
    private const int MostFailures = 20, MostAddresses = 10_000, LongestId = 128;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly FailureCounter<UInt128> _failures = new(clock, MostFailures, Window, MostAddresses);

    public static Actor ActorOf(HttpContext context) => context.Features.GetRequiredFeature<Actor>();

    /// <summary>The ID in the path of the request.</summary>
    public static string IdOf(HttpContext context) => context.GetRouteValue("id") is string { Length: <= LongestId } id
        ? id
        : throw new ScimException(StatusCodes.Status404NotFound, null, "There is no resource with this ID.");

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            CheckToken(context);
            context.Features.Set(await FindActorAsync(context.RequestAborted) with { Address = AddressNumber.Write(context.Connection.RemoteIpAddress) });
            await next(context);
            if (!context.Response.HasStarted && RefusalOf(context.Response.StatusCode) is { } refusal)
                await ScimResponse.WriteErrorAsync(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads an answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await ScimResponse.WriteErrorAsync(context, Describe(context, exception));
        }
    }

    /// <exception cref="ScimException">The request isn't protected, or its token isn't right.</exception>
    private void CheckToken(HttpContext context)
    {
        var request = context.Request;
        if (!request.IsHttps && context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            throw new ScimException(
                StatusCodes.Status403Forbidden, null, "SCIM needs HTTPS, because the token would be sent in plain text. Behind a proxy with HTTPS, add the proxy to Portal:TrustedProxies.");
        if (tokens.Accepts(request.Headers.Authorization is [{ } only] ? only : null))
        {
            // Without the header, no later code can log it.
            request.Headers.Authorization = default;
            return;
        }

        // The right token is accepted anyway, so that nobody can lock out the directory.
        if (_failures.TryTake(OriginOf(context.Connection.RemoteIpAddress)) is not { } wait)
            throw new ScimException(StatusCodes.Status401Unauthorized, null, "The bearer token is missing or wrong. Send Authorization: Bearer with the token in Scim:Token.");
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        throw new ScimException(StatusCodes.Status429TooManyRequests, null, "Too many requests with a wrong token came from this address. Correct the token, and try again later.");
    }

    /// <summary>The directory acts in the oldest account, which is the only one unless someone has added others to the database.</summary>
    private async Task<Actor> FindActorAsync(CancellationToken cancellation) => await accounts.AccountsAsync(cancellation) is [var account, ..]
        ? ScimActor.Of(account)
        : throw new ScimException(StatusCodes.Status503ServiceUnavailable, null, "Portal isn't set up yet. Open it in a browser and create the first administrator.");

    private ScimException Describe(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ScimException refused:
                return refused;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ScimException(StatusCodes.Status413PayloadTooLarge, null, $"The body is too large. The limit is {ScimBody.Largest} bytes. Send several smaller requests.");
            case DbUpdateException update when DatabaseErrors.IsDuplicate(update):
                return ScimException.NotUnique("Another program has just stored a resource with the same name. Read it again.");
            case BadHttpRequestException bad:
                return new ScimException(bad.StatusCode, null, "The request can't be read. Check that the body is complete.");
        }

        LogFailure(exception, context.Request.Method, context.Request.Path);
        if (DatabaseErrors.Find(exception) is null)
            return new ScimException(StatusCodes.Status500InternalServerError, null, $"An unexpected error occurred. Portal's log contains it with the request ID {context.TraceIdentifier}.");
        context.Response.Headers.RetryAfter = "5";
        return new ScimException(StatusCodes.Status503ServiceUnavailable, null, "Portal can't use its database at the moment. Try again later.");
    }

    private static ScimException? RefusalOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => new ScimException(status, null, "There is no such endpoint. /ResourceTypes lists the endpoints."),
        StatusCodes.Status405MethodNotAllowed => new ScimException(status, null, "This endpoint doesn't support the method."),
        _ => null,
    };

    /// <summary>An IPv4 address, or the network of an IPv6 address, because each host can use many IPv6 addresses.</summary>
    private static UInt128 OriginOf(IPAddress? address)
    {
        var number = address is null ? UInt128.Zero : AddressNumber.Of(address);
        return AddressNumber.IsIPv4(number) ? number : number >> 64 << 64;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The SCIM request {Method} {Path} failed")]
    private partial void LogFailure(Exception exception, string method, string path);
}
