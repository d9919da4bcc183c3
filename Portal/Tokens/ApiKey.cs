using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Tokens;

/// <summary>What a client sends in <c>Authorization</c>. The one type that knows the format.</summary>
/// <remarks>
/// <code>
/// ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8
/// ──────
/// part     characters             length   notes
/// scheme   ApiKey                 6        any case when read, followed by one or more spaces
/// handle   SU-ddd-ddd-ddd         14       ASCII digits; public; names the token for ever
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

    /// <summary>No header that is longer can be a key; a few spare spaces are forgiven.</summary>
    private const int LongestHeader = 6 + 8 + HandleLength + 1 + SecretLength;

    private static readonly SearchValues<char> SecretCharacters = SearchValues.Create("0123456789abcdef");

    private readonly string _secret;

    private ApiKey(string handle, string secret) => (Handle, _secret) = (handle, secret);

    public string Handle { get; }

    /// <summary>A new secret for the handle.</summary>
    public static ApiKey Create(string handle) => new(handle, RandomNumberGenerator.GetHexString(SecretLength, lowercase: true));

    /// <summary>Puts a key together from a secret that was stored encrypted.</summary>
    internal static ApiKey Restore(string handle, ReadOnlySpan<byte> secret) => new(handle, Encoding.ASCII.GetString(secret));

    /// <summary>The whole value of the header. Show it or hand it over; never log or store it.</summary>
    public string ToHeaderValue() => $"{Scheme} {Handle}:{_secret}";

    internal byte[] GetSecretBytes() => Encoding.ASCII.GetBytes(_secret);

    public byte[] Hash()
    {
        var hash = new byte[HashLength];
        ComputeHash(Handle, _secret, hash);
        return hash;
    }

    /// <summary>Names the handle only, so that a key that strays into a log or message gives nothing away.</summary>
    public override string ToString() => $"{Scheme} {Handle}:(hidden)";

    /// <summary>Finds handle and secret in a header's value, without allocating.</summary>
    /// <returns>False for anything that is not exactly of the form.</returns>
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

    /// <summary>A random handle; whether it is free is for the database to say.</summary>
    public static string CreateHandle() => HandleOf(RandomNumberGenerator.GetInt32(1_000_000_000));

    /// <summary>The handle as a number, 0 to 999,999,999: a quarter of the memory, where there are very many.</summary>
    /// <param name="handle">One that <see cref="IsHandle"/>.</param>
    public static int NumberOf(ReadOnlySpan<char> handle)
    {
        var number = 0;
        foreach (var character in handle[3..])
            if (character != '-')
                number = number * 10 + (character - '0');
        return number;
    }

    /// <summary>The way back from <see cref="NumberOf"/>.</summary>
    public static string HandleOf(int number) => string.Create(HandleLength, number, static (handle, rest) =>
    {
        "SU-ddd-ddd-ddd".CopyTo(handle);
        for (var i = HandleLength - 1; i > 2; i--)
            if (handle[i] == 'd')
                (handle[i], rest) = ((char)('0' + rest % 10), rest / 10);
    });

    /// <summary>SHA-256 over <c>handle:secret</c>. Both are ASCII, as <see cref="TryParse"/> and <see cref="Create"/> see to.</summary>
    /// <param name="destination">At least <see cref="HashLength"/> bytes.</param>
    public static void ComputeHash(ReadOnlySpan<char> handle, ReadOnlySpan<char> secret, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[HandleLength + 1 + SecretLength];
        Encoding.ASCII.GetBytes(handle, input);
        input[HandleLength] = (byte)':';
        Encoding.ASCII.GetBytes(secret, input[(HandleLength + 1)..]);
        SHA256.HashData(input, destination);
        CryptographicOperations.ZeroMemory(input);
    }
}
