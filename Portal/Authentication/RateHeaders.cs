using System.Globalization;

namespace Portal.Authentication;

/// <summary>Reports the state of a token's limit in <c>RateLimit-Limit</c>, <c>-Remaining</c>, <c>-Reset</c> (seconds until the full limit is
/// available) and <c>-Policy</c>, as in the IETF drafts up to the seventh, which clients support.</summary>
internal static class RateHeaders
{
    private static readonly Func<object, Task> Write = state =>
    {
        var (response, status) = ((HttpResponse, RateStatus))state;
        var (headers, limit) = (response.Headers, status.Limit);
        headers["RateLimit-Limit"] = Text(limit.Requests);
        headers["RateLimit-Remaining"] = Text(status.Remaining);
        headers["RateLimit-Reset"] = Text(status.ResetSeconds);
        headers["RateLimit-Policy"] = $"{Text(limit.Requests)};w={Text((int)limit.Window.TotalSeconds)}";
        return Task.CompletedTask;
    };

    /// <summary>Sets the headers when the response starts, so that they replace the upstream's.</summary>
    public static void Announce(HttpResponse response, RateStatus status) => response.OnStarting(Write, (response, status));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
