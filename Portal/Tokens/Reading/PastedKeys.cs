using System.Text;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>The API keys that a text holds in whatever spelling, for somebody who found the text and asks whose they are.</summary>
/// <param name="Keys">Whole keys, each once, in the order of the text.</param>
/// <param name="CutHandles">The handles of keys of which only a part is there.</param>
public sealed record PastedKeys(IReadOnlyList<ApiKey> Keys, IReadOnlyList<string> CutHandles)
{
    /// <summary>More are not looked at: a whole log is not searched key by key.</summary>
    public const int Most = 10;

    /// <returns>Null: the text holds no secret. Without keys: it holds one that cannot be traced.</returns>
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
