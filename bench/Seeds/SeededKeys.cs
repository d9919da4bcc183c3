using System.Globalization;
using System.Text;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>The keys of seeded tokens: random to look at, but both sides can work them out; <c>scripts/*.lua</c> do it alike.</summary>
internal static class SeededKeys
{
    // Odd and no multiple of five: no two tokens below a milliard get the same number.
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
