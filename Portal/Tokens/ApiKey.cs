using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Tokens;

/// <summary>The API key that a client sends in the header <c>Authorization</c>. Only this type knows the format.</summary>
/// <remarks>
/// <code>
/// ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8
/// ──────
/// part     characters             length   notes
/// scheme   ApiKey                 6        any case when read, followed by one or more spaces
/// handle   SU-ddd-ddd-ddd         14       ASCII digits; public; identifies the token forever
/// :                               1
/// secret   0-9a-f                 40       160 bits from a cryptographic generator
/// </code>
/// </remarks>
public sealed class ApiKey
{
    public const string Scheme = "ApiKey";
    public const int HandleLength = 14;
    public const int SecretLength = 40;
    public const int HashLength = SHA256.HashSizeInBytes;
    public const int FingerprintLength = 4;

    /// <summary>A longer header can't be a key. A few additional spaces are allowed.</summary>
    private const int LongestHeader = 6 + 8 + HandleLength + 1 + SecretLength;

    private static readonly SearchValues<char> SecretCharacters = SearchValues.Create("0123456789abcdef");

    /// <summary>An instance per thread, because creating one takes a fifth of the time of a hash.</summary>
    [ThreadStatic]
    private static SHA256? _sha256;

    private readonly string _secret;

    private ApiKey(string handle, string secret) => (Handle, _secret) = (handle, secret);

    public string Handle { get; }

    /// <summary>The last digits of the secret. They tell which of two keys a program has, and may be shown, stored and logged.</summary>
    public string Fingerprint => _secret[^FingerprintLength..];

    /// <summary>A fingerprint as it is shown, such as <c>…5c43</c>.</summary>
    public static string Mask(string fingerprint) => $"…{fingerprint}";

    /// <summary>Creates a key with a new secret for the handle.</summary>
    public static ApiKey Create(string handle) => new(handle, RandomNumberGenerator.GetHexString(SecretLength, lowercase: true));

    /// <summary>Restores a key from its decrypted secret.</summary>
    internal static ApiKey Restore(string handle, ReadOnlySpan<byte> secret) => new(handle, Encoding.ASCII.GetString(secret));

    /// <summary>The complete value of the header. Show it or pass it on, but never log or store it.</summary>
    public string ToHeaderValue() => $"{Scheme} {Handle}:{_secret}";

    internal byte[] GetSecretBytes() => Encoding.ASCII.GetBytes(_secret);

    public byte[] Hash()
    {
        var hash = new byte[HashLength];
        ComputeHash(Handle, _secret, hash);
        return hash;
    }

    /// <summary>Returns only the handle, so that a key that ends up in a log or message doesn't reveal its secret.</summary>
    public override string ToString() => $"{Scheme} {Handle}:(hidden)";

    /// <summary>Finds handle and secret in a header's value, without allocating.</summary>
    /// <returns>False: the value doesn't have exactly this format.</returns>
    public static bool TryParse(ReadOnlySpan<char> header, out ReadOnlySpan<char> handle, out ReadOnlySpan<char> secret)
    {
        handle = secret = default;
        if (header.Length > LongestHeader || header.Length <= Scheme.Length || !Ascii.EqualsIgnoreCase(header[..Scheme.Length], Scheme))
            return false;
        var rest = header[Scheme.Length..];
        var key = rest.TrimStart(' ');
        if (key.Length == rest.Length || key.Length != HandleLength + 1 + SecretLength || key[HandleLength] != ':')
            return false;
        handle = key[..HandleLength];
        secret = key[(HandleLength + 1)..];
        return IsHandle(handle) && !secret.ContainsAnyExcept(SecretCharacters);
    }

    /// <summary>Whether the text is a handle: <c>SU-ddd-ddd-ddd</c>, ASCII digits.</summary>
    public static bool IsHandle(ReadOnlySpan<char> text)
    {
        if (text.Length != HandleLength || !text.StartsWith("SU", StringComparison.Ordinal))
            return false;
        for (var i = 2; i < HandleLength; i++)
            if (i % 4 == 2 ? text[i] != '-' : !char.IsAsciiDigit(text[i]))
                return false;
        return true;
    }

    /// <summary>Creates a random handle. The database checks whether it is free.</summary>
    public static string CreateHandle() => HandleOf(RandomNumberGenerator.GetInt32(1_000_000_000));

    /// <summary>Converts the handle to a number from 0 to 999,999,999, which needs a quarter of the memory.</summary>
    /// <param name="handle">A valid handle, see <see cref="IsHandle"/>.</param>
    public static int NumberOf(ReadOnlySpan<char> handle)
    {
        var number = 0;
        foreach (var character in handle[3..])
            if (character != '-')
                number = number * 10 + (character - '0');
        return number;
    }

    /// <summary>Converts the result of <see cref="NumberOf"/> back.</summary>
    public static string HandleOf(int number) => string.Create(HandleLength, number, static (handle, rest) =>
    {
        "SU-ddd-ddd-ddd".CopyTo(handle);
        for (var i = HandleLength - 1; i > 2; i--)
            if (handle[i] == 'd')
                (handle[i], rest) = ((char)('0' + rest % 10), rest / 10);
    });

    /// <summary>SHA-256 over <c>handle:secret</c>. Both are ASCII, which <see cref="TryParse"/> and <see cref="Create"/> ensure.</summary>
    /// <param name="destination">At least <see cref="HashLength"/> bytes.</param>
    public static void ComputeHash(ReadOnlySpan<char> handle, ReadOnlySpan<char> secret, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[HandleLength + 1 + SecretLength];
        Encoding.ASCII.GetBytes(handle, input);
        input[HandleLength] = (byte)':';
        Encoding.ASCII.GetBytes(secret, input[(HandleLength + 1)..]);
        (_sha256 ??= SHA256.Create()).TryComputeHash(input, destination, out _);
        CryptographicOperations.ZeroMemory(input);
    }
}
