using Portal.Access;

namespace Portal.Components.Shared;

/// <summary>Answers requests of browsers whose session ends while they run.</summary>
internal static class EndedSessions
{
    /// <summary>A filter for endpoints of people: leads to the sign-in, or breaks off a response that has begun, so that the browser doesn't keep an incomplete
    /// file.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (SessionEndedException)
        {
            var context = invocation.HttpContext;
            if (!context.Response.HasStarted)
                return TypedResults.Challenge();
            context.Abort();
            return TypedResults.Empty;
        }
    }
}
