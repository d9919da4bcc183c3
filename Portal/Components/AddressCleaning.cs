using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Components;

/// <summary>Redirects an address that contains a secret (a bookmark, a link from a chat) to the same address without it, before a page or a redirect
/// repeats it. For signed-in people, the token list does this itself: it also shows whose key it is.</summary>
internal static class AddressCleaning
{
    private const string ListPath = "/tokens";

    /// <summary>No page has a longer query. A longer one is dropped without a search, which would take long.</summary>
    private const int LongestQuery = 8_192;

    public static void UseAddressCleaning(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!IsPage(context) || !HoldsSecret(context.Request) || (IsList(context.Request) && context.User.Identity is { IsAuthenticated: true }))
            return next(context);
        context.Response.Redirect(context.Request.PathBase + Clean(context.Request));
        return Task.CompletedTask;
    });

    /// <summary>Whether a person opens the address, as opposed to a page that loads it. This includes addresses that don't exist.</summary>
    private static bool IsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<RootComponentMetadata>() is not null);

    private static bool IsList(HttpRequest request) => request.Path.Equals(ListPath, StringComparison.OrdinalIgnoreCase);

    private static bool HoldsSecret(HttpRequest request) =>
        IsTooLong(request) || (request.Path.Value is { Length: <= LongestQuery } path && SecretText.Holds(path)) || SecretText.Holds(request.QueryString.Value);

    private static bool IsTooLong(HttpRequest request) => request.QueryString.Value is { Length: > LongestQuery };

    private static string Clean(HttpRequest request)
    {
        if (IsTooLong(request))
            return request.Path.Value is { Length: <= LongestQuery } shown && !SecretText.Holds(shown) ? request.Path.ToUriComponent() : ListPath;
        var path = !SecretText.Holds(request.Path.Value) ? request.Path.ToUriComponent()
            : PastedKeys.Find(request.Path.Value) is { Keys: [var only] } ? $"{ListPath}/{only.Handle}"
            : ListPath;
        var kept = request.Query.Where(part => !SecretText.Holds(part.Key) && !part.Value.Any(SecretText.Holds));
        return QueryHelpers.AddQueryString(path, kept);
    }
}
