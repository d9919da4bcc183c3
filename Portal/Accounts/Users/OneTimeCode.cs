using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Accounts.Users;

/// <summary>The code in a one-time link: 256 random bits, of which only the hash is stored.</summary>
internal static class OneTimeCode
{
    private const int Bytes = 32;

    /// <summary>The maximum length of the text that a person can enter.</summary>
    public const int LongestInput = 100;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code.Trim()));
}
