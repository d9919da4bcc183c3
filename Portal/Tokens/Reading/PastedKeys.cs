using System.Text;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Finds the API keys in a pasted text, in any spelling.</summary>
/// <param name="Keys">The complete keys, without duplicates, in the order of the text.</param>
/// <param name="CutHandles">The handles of incomplete keys.</param>
public sealed record PastedKeys(IReadOnlyList<ApiKey> Keys, IReadOnlyList<string> CutHandles)
{
    /// <summary>The maximum number of keys that are checked, so that a long log doesn't cause many lookups.</summary>
    public const int Most = 10;

    /// <returns>Null: the text contains no secret. Without keys: it contains a secret whose token can't be found.</returns>
    public static PastedKeys? Find(string? text)
    {
        if (!SecretText.Holds(text))
            return null;
        var keys = new List<ApiKey>();
        var cut = new List<string>();
        foreach (System.Text.RegularExpressions.Match match in SecretText.Key().Matches(SecretText.Unfold(text!)))
        {
            if (!match.Groups["handle"].Success || keys.Count + cut.Count == Most)
                continue;
            var handle = HandleOf(match.Groups["handle"].Value);
            var secret = string.Concat(match.Groups["secret"].Value.Where(char.IsAsciiHexDigit)).ToLowerInvariant();
            if (secret.Length == ApiKey.SecretLength)
                keys.Add(ApiKey.Restore(handle, Encoding.ASCII.GetBytes(secret)));
            else
                cut.Add(handle);
        }

        return new PastedKeys([.. keys.DistinctBy(key => key.ToHeaderValue())], [.. cut.Distinct()]);
    }

    private static string HandleOf(string written)
    {
        var number = 0;
        foreach (var digit in written.Where(char.IsAsciiDigit))
            number = number * 10 + (digit - '0');
        return ApiKey.HandleOf(number);
    }
}
