using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Adds an entity tag to every response to <c>GET</c> and <c>HEAD</c>, and responds with 304 if the client already has it.</summary>
/// <remarks>Checks in the order of RFC 9110, 13.2.2. Portal sends no <c>Last-Modified</c>, so conditions about dates don't apply.</remarks>
internal static class ConditionalReads
{
    public const string OtherNow = "The current ETag differs from those in If-Match. Read it again without If-Match.";

    /// <param name="result">The result of the endpoint.</param>
    public static object? Apply(HttpContext context, object? result)
    {
        if (result is not IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK } || result is not IValueHttpResult { Value: { } value })
            return result;
        var format = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), format);
        var headers = context.Response.Headers;
        if (headers.ETag.Count == 0)
            // A page can stay the same while the total changes.
            headers.ETag = EntityTags.Of([.. body, .. Encoding.UTF8.GetBytes(headers.ContentRange.ToString())]);
        var tag = headers.ETag.ToString();
        if (context.Request.Headers.IfMatch is { Count: > 0 } wanted && !Lists(wanted, tag, forChange: true))
            return new Refusal(StatusCodes.Status412PreconditionFailed, ErrorCodes.Changed, OtherNow);
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } known && Lists(known, tag, forChange: false))
        {
            headers.Remove(HeaderNames.ContentRange);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return TypedResults.Bytes(body, "application/json; charset=utf-8");
    }

    /// <param name="forChange">Whether any tag with the same version of a token matches.</param>
    private static bool Lists(IList<string> header, string present, bool forChange)
    {
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags))
            return false;
        var version = forChange && EntityTagHeaderValue.TryParse(present, out var own) ? EntityTags.VersionOf(own) : null;
        return tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || EntityTags.IsSame(tag, present)
            || (version is not null && EntityTags.VersionOf(tag) == version));
    }
}
