using System.Globalization;
using System.Text;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>The keys of seeded tokens. They look random, but both sides can calculate them; <c>scripts/*.lua</c> do the same.</summary>
internal static class SeededKeys
{
    // Odd and not a multiple of five, so that no two tokens below a billion get the same number.
    private const long Step = 387_420_489, Start = 123_456_789, Handles = 1_000_000_000;

    private const int SecretRepeats = 4;

    /// <param name="index">From 0.</param>
    public static ApiKey At(int index)
    {
        var number = (int)((index * Step + Start) % Handles);
        var part = number.ToString("D10", CultureInfo.InvariantCulture);
        return ApiKey.Restore(ApiKey.HandleOf(number), Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(part, SecretRepeats))));
    }
}
