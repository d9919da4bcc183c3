using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Portal.Secrets;

namespace Portal.Data.KeyRing;

/// <summary>A passphrase that encrypts the keys of the key ring.</summary>
/// <remarks>
/// <para>The element in the file: <c>portalPassphrase</c> with the attribute <c>iterations</c> (of PBKDF2) and, in Base64, <c>salt</c> (of PBKDF2),
/// <c>check</c> (an HMAC-SHA256 of the salt, which tells a wrong passphrase from a damaged file), <c>keySalt</c> (random for each element) and
/// <c>content</c>.</para>
/// <para>All files share one salt if possible, because deriving takes half a second. HKDF and <c>keySalt</c> give each element its own key.</para>
/// </remarks>
internal sealed class KeyRingPassphrase(string passphrase, int iterations = PassphraseKey.Iterations) : KeyRingSecret
{
    private const string Element = "portalPassphrase", IterationsName = "iterations", SaltName = "salt", CheckName = "check", KeySaltName = "keySalt", ContentName = "content";

    private readonly ConcurrentDictionary<(string Salt, int Iterations), Lazy<byte[]>> _derived = new();
    private byte[]? _salt;

    public override string Description => "a passphrase";

    private static ReadOnlySpan<byte> ContentUse => "Portal key ring, content"u8;
    private static ReadOnlySpan<byte> CheckUse => "Portal key ring, check"u8;

    public override bool Fits(XElement encrypted)
    {
        if (Read(encrypted) is not { } header || !CryptographicOperations.FixedTimeEquals(CheckOf(header.Salt, header.Iterations), header.Check))
            return false;
        if (header.Iterations == iterations)
            _salt ??= header.Salt;
        return true;
    }

    public override XElement Decrypt(XElement encrypted) => Read(encrypted) is { } header
        ? Open(KeyOf(header.Salt, header.Iterations, header.KeySalt), header.Content, HeaderOf(header.Salt, header.Iterations))
        : throw new CryptographicException("The encrypted key is damaged.");

    protected override XElement EncryptElement(XElement plain)
    {
        var salt = _salt ??= RandomNumberGenerator.GetBytes(PassphraseKey.SaltLength);
        var keySalt = RandomNumberGenerator.GetBytes(PassphraseKey.SaltLength);
        return new XElement(
            Element, new XAttribute(IterationsName, iterations), Bytes(SaltName, salt), Bytes(CheckName, CheckOf(salt, iterations)), Bytes(KeySaltName, keySalt),
            Bytes(ContentName, Seal(KeyOf(salt, iterations, keySalt), plain, HeaderOf(salt, iterations))));
    }

    /// <returns>Null: the element isn't encrypted with a passphrase, or is damaged.</returns>
    private static Header? Read(XElement element) =>
        element.Name == Element && int.TryParse(element.Attribute(IterationsName)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && count is > 0 and <= PassphraseKey.MostIterations && BytesOf(element, SaltName) is { } salt && BytesOf(element, CheckName) is { } check
        && BytesOf(element, KeySaltName) is { } keySalt && BytesOf(element, ContentName) is { } content
            ? new Header(count, salt, check, keySalt, content)
            : null;

    private byte[] Derive(byte[] salt, int count) =>
        _derived.GetOrAdd((Convert.ToBase64String(salt), count), _ => new Lazy<byte[]>(() => PassphraseKey.Derive(passphrase, salt, count))).Value;

    private byte[] KeyOf(byte[] salt, int count, byte[] keySalt) => PassphraseKey.Expand(Derive(salt, count), [.. ContentUse, .. keySalt]);

    private byte[] CheckOf(byte[] salt, int count) => HMACSHA256.HashData(PassphraseKey.Expand(Derive(salt, count), CheckUse), HeaderOf(salt, count));

    private static byte[] HeaderOf(byte[] salt, int count)
    {
        var header = new byte[sizeof(int) + salt.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, count);
        salt.CopyTo(header, sizeof(int));
        return header;
    }

    private sealed record Header(int Iterations, byte[] Salt, byte[] Check, byte[] KeySalt, byte[] Content);
}
