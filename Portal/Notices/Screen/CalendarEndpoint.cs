using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Portal.Notices.Screen;

/// <summary>The address to which calendar programs subscribe. They can't sign in, so a secret code in the address identifies the user.</summary>
internal static class CalendarEndpoint
{
    public static void MapCalendar(this IEndpointRouteBuilder app) => app.MapGet("/calendar/{code}.ics", GetAsync).AllowAnonymous();

    private static async Task<Results<FileContentHttpResult, NotFound, StatusCodeHttpResult>> GetAsync(
        string code, CalendarService calendars, CalendarLimiter limiter, HttpContext context, CancellationToken cancellation)
    {
        if (!limiter.TryTake(context.Connection.RemoteIpAddress))
        {
            context.Response.Headers.RetryAfter = "60";
            return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
        }

        var portal = new Uri($"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}/");
        if (await calendars.FindAsync(code, portal, cancellation) is not { } file)
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers["X-Robots-Tag"] = "noindex";
        // Without a date: removing a token changes the content, but not the latest change of those that remain.
        return TypedResults.File(file.Content, "text/calendar; charset=utf-8", entityTag: EntityTagHeaderValue.Parse(file.Tag));
    }
}

/// <summary>Limits the requests for calendars from one address, so that nobody can try codes or keep the database busy.</summary>
internal sealed class CalendarLimiter : IDisposable
{
    internal const int PerMinute = 60;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) }));

    public bool TryTake(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(address ?? IPAddress.None);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
