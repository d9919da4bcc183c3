using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portal.Authentication;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Evaluates <c>If-Match</c> and <c>If-None-Match</c> of requests that change something, and refuses early if they fail. The service
/// checks the same condition again together with the change.</summary>
/// <remarks>
/// Follows RFC 9110, 13.2.1: after the checks that apply to every request (the token exists, the caller may change it), and before the
/// body is read. The stored response to an idempotency key is returned before any of this.
/// </remarks>
internal static class ConditionalChanges
{
    public const string NewHasNoVersion =
        "If-Match: a new token has no ETag yet, so nothing was created. Send the request without If-Match.";

    private const string Foreign =
        "If-Match contains no ETag of a token, so nothing was saved. Send the ETag exactly as GET returned it.";

    private const string Malformed =
        "must be *, or a list of ETags in double quotes, separated by commas. Nothing was saved.";

    /// <summary>For requests about the token in the path.</summary>
    public static ValueTask<object?> ForTokenAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        FilterAsync(invocation, next, context => (context.GetRouteValue("pk") ?? context.GetRouteValue("token_pk")) as string);

    /// <summary>For requests about the calling token.</summary>
    public static ValueTask<object?> OfCallerAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        FilterAsync(invocation, next, context => ApiCaller.Of(context).Credential.Handle);

    /// <summary>For requests about several tokens. The service checks the condition for each of them.</summary>
    public static ValueTask<object?> ForBulkAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        FilterAsync(invocation, next, _ => null);

    /// <summary>For requests that create a token. They never replace one, so <c>If-None-Match</c> is always satisfied.</summary>
    public static async ValueTask<object?> ForCreationAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.HttpContext.Request.Headers.IfMatch is { Count: > 0 } header && header != "*" ? Refuse(NewHasNoVersion) : await next(invocation);

    /// <summary>The precondition of the client; null if there is none.</summary>
    public static VersionCondition? Of(HttpContext context) => context.Features.Get<VersionCondition>();

    private static async ValueTask<object?> FilterAsync(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, Func<HttpContext, string?> handleOf)
    {
        var context = invocation.HttpContext;
        var headers = context.Request.Headers;
        if (headers.IfMatch.Count == 0 && headers.IfNoneMatch.Count == 0)
            return await next(invocation);
        var refusal = Read(headers, out var condition);
        if (handleOf(context) is { } handle && await IsForAnotherCheckAsync(context, handle) is var (other, token))
        {
            if (other)
                return await next(invocation);
            if (refusal is null && !condition!.Allows(token!.Version))
                refusal = condition.OnlyIfAbsent ? Exists(handle) : TokenAnswers.Changed(handle);
        }

        if (refusal is not null)
            return refusal;
        context.Features.Set(condition);
        return await next(invocation);
    }

    /// <summary>Whether another error takes precedence: the token doesn't exist, is deleted, or the caller may not change it.</summary>
    private static async Task<(bool Other, TokenRecord? Token)> IsForAnotherCheckAsync(HttpContext context, string handle)
    {
        var services = context.RequestServices;
        var caller = await ApiActor.BindAsync(context);
        var token = await services.GetRequiredService<TokenRecordReader>().FindAsync(caller, handle, context.RequestAborted);
        var other = token is null or { Status: TokenStatus.Deleted }
            || await services.GetRequiredService<TokenService>().CheckReachAsync(caller, handle, context.RequestAborted) is not null;
        return (other, token);
    }

    private static Refusal? Read(IHeaderDictionary headers, out VersionCondition? condition)
    {
        condition = null;
        if (!TryRead(headers.IfMatch, out var only))
            return Refuse($"If-Match: {Malformed}");
        if (!TryRead(headers.IfNoneMatch, out var except))
            return Refuse($"If-None-Match: {Malformed}");
        var isAny = only is null or [{ Tag.Value: "*" }];
        HashSet<Guid> versions = [.. VersionsOf(only)];
        if (!isAny && versions.Count == 0)
            return Refuse(Foreign);
        condition = new VersionCondition(isAny ? null : versions, new HashSet<Guid>(VersionsOf(except)), except is [{ Tag.Value: "*" }]);
        return null;
    }

    /// <param name="tags">Null: the header was not sent.</param>
    private static bool TryRead(StringValues header, out IList<EntityTagHeaderValue>? tags)
    {
        tags = null;
        return header.Count == 0
            || (EntityTagHeaderValue.TryParseStrictList(header, out tags) && tags.Count > 0
                && (tags.Count == 1 || !tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any))));
    }

    private static IEnumerable<Guid> VersionsOf(IList<EntityTagHeaderValue>? tags) => (tags ?? []).Select(EntityTags.VersionOf).OfType<Guid>();

    private static Refusal Exists(string handle) => Refuse(
        $"The token {handle} exists, and If-None-Match: * allows the call only if it does not, so nothing was saved. Send the call without it.");

    private static Refusal Refuse(string message) => new(StatusCodes.Status412PreconditionFailed, ErrorCodes.Changed, message);
}
