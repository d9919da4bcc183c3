using Microsoft.Net.Http.Headers;
using Portal.Tokens;

namespace Portal.Api;

/// <summary>A token's version as HTTP carries it: it changes with every change that a person or program makes.</summary>
internal static class EntityTags
{
    public static string Of(TokenRecord token) => $"\"{token.Version:N}\"";

    /// <summary>Whether the client's <c>If-Match</c>, if it sent one, is for the token as it is now.</summary>
    public static bool Match(HttpRequest request, TokenRecord token)
    {
        if (request.Headers.IfMatch.Count == 0)
            return true;
        // What is no entity tag is the tag of no version.
        return EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var tags)
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && tag.Tag == Of(token)));
    }
}
