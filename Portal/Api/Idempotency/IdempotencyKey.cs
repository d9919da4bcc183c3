using System.Text;
using Microsoft.Extensions.Primitives;

namespace Portal.Api.Idempotency;

/// <summary>The header by which a client marks a request as a retry. The client chooses the value.</summary>
/// <remarks>Accepts quoted values, as in the IETF draft "The Idempotency-Key HTTP Header Field", and unquoted values, as in other APIs.</remarks>
internal static class IdempotencyKey
{
    public const string HeaderName = "Idempotency-Key";
    public const string ReplayedName = "Idempotency-Replayed";
    public const int Longest = 255;

    /// <returns>The key; null: the header is invalid.</returns>
    public static string? Parse(StringValues header)
    {
        if (header is not [{ Length: > 0 } value])
            return null;
        var key = value[0] == '"' ? Unquote(value) : value;
        return key is { Length: >= 1 and <= Longest } && !key.AsSpan().ContainsAnyExceptInRange('!', '~') ? key : null;
    }

    /// <summary>Removes the quotes, and the backslashes that escape quotes and backslashes.</summary>
    private static string? Unquote(string value)
    {
        if (value.Length < 2 || value[^1] != '"')
            return null;
        var inner = value[1..^1];
        var key = new StringBuilder();
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '"' || (inner[i] == '\\' && (++i == inner.Length || inner[i] is not ('"' or '\\'))))
                return null;
            key.Append(inner[i]);
        }

        return key.ToString();
    }
}
