using System.Globalization;

namespace Portal.Authentication;

/// <summary>Tells a client how its token's limit stands, in <c>RateLimit-Limit</c>, <c>-Remaining</c>, <c>-Reset</c> (seconds
/// until all of it is back) and <c>-Policy</c>, as in the drafts of the IETF up to the seventh, which clients read.</summary>
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

    /// <summary>Writes them when the answer begins: what an upstream says of limits of its own must not stand beside them.</summary>
    public static void Announce(HttpResponse response, RateStatus status) => response.OnStarting(Write, (response, status));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
