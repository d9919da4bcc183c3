using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Portal.Secrets;

namespace Portal.Data.KeyRing;

/// <summary>A passphrase that encrypts the keys of the key ring.</summary>
/// <remarks>
/// <para>The element in the file: <c>portalPassphrase</c> with the attribute <c>iterations</c> (of PBKDF2) and, in Base64, <c>salt</c> (of PBKDF2),
/// <c>check</c> (an HMAC-SHA256 of the salt, which tells a wrong passphrase from a damaged file), <c>keySalt</c> (random for each element) and
/// <c>content</c> (nonce, tag and ciphertext of AES-256-GCM).</para>
/// <para>All files share one salt if possible, because deriving takes half a second. HKDF and <c>keySalt</c> give each element its own key.</para>
/// </remarks>
internal sealed class KeyRingPassphrase(string passphrase, int iterations = PassphraseKey.Iterations) : KeyRingSecret, IXmlEncryptor
{
    private const string Element = "portalPassphrase", IterationsName = "iterations", SaltName = "salt", CheckName = "check", KeySaltName = "keySalt", ContentName = "content";
    private const int NonceLength = 12, TagLength = 16;

    private readonly ConcurrentDictionary<(string Salt, int Iterations), Lazy<byte[]>> _derived = new();
    private byte[]? _salt;

    public override string Description => "a passphrase";

    public override IXmlEncryptor Encryptor => this;

    private static ReadOnlySpan<byte> ContentUse => "Portal key ring, content"u8;
    private static ReadOnlySpan<byte> CheckUse => "Portal key ring, check"u8;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var salt = _salt ??= RandomNumberGenerator.GetBytes(PassphraseKey.SaltLength);
        var keySalt = RandomNumberGenerator.GetBytes(PassphraseKey.SaltLength);
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var content = new byte[NonceLength + TagLength + plain.Length];
        RandomNumberGenerator.Fill(content.AsSpan(0, NonceLength));
        var secret = Derive(salt, iterations);
        using (var cipher = CipherOf(secret, keySalt))
            cipher.Encrypt(content.AsSpan(0, NonceLength), plain, content.AsSpan(NonceLength + TagLength), content.AsSpan(NonceLength, TagLength), HeaderOf(salt, iterations));
        CryptographicOperations.ZeroMemory(plain);
        return new EncryptedXmlInfo(
            new XElement(
                Element, new XAttribute(IterationsName, iterations), Bytes(SaltName, salt), Bytes(CheckName, CheckOf(secret, salt, iterations)),
                Bytes(KeySaltName, keySalt), Bytes(ContentName, content)),
            typeof(PassphraseXmlDecryptor));
    }

    public override bool Fits(XElement encrypted)
    {
        if (Read(encrypted) is not { } header || !CryptographicOperations.FixedTimeEquals(
            CheckOf(Derive(header.Salt, header.Iterations), header.Salt, header.Iterations), header.Check))
            return false;
        if (header.Iterations == iterations)
            _salt ??= header.Salt;
        return true;
    }

    public override XElement Decrypt(XElement encrypted, IServiceProvider services) => Decrypt(encrypted);

    /// <exception cref="CryptographicException">The element is damaged, or another passphrase encrypted it.</exception>
    public XElement Decrypt(XElement encrypted)
    {
        if (Read(encrypted) is not { } header || header.Content.Length < NonceLength + TagLength)
            throw new CryptographicException("The encrypted key is damaged.");
        var plain = new byte[header.Content.Length - NonceLength - TagLength];
        using (var cipher = CipherOf(Derive(header.Salt, header.Iterations), header.KeySalt))
            cipher.Decrypt(
                header.Content.AsSpan(0, NonceLength), header.Content.AsSpan(NonceLength + TagLength), header.Content.AsSpan(NonceLength, TagLength), plain,
                HeaderOf(header.Salt, header.Iterations));
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString(plain));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <returns>Null: the element isn't encrypted with a passphrase, or is damaged.</returns>
    private static Header? Read(XElement element)
    {
        if (element.Name != Element || !int.TryParse(element.Attribute(IterationsName)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count is < 1 or > PassphraseKey.MostIterations)
            return null;
        try
        {
            return new Header(count, BytesOf(element, SaltName), BytesOf(element, CheckName), BytesOf(element, KeySaltName), BytesOf(element, ContentName));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private byte[] Derive(byte[] salt, int count) =>
        _derived.GetOrAdd((Convert.ToBase64String(salt), count), _ => new Lazy<byte[]>(() => PassphraseKey.Derive(passphrase, salt, count))).Value;

    private static AesGcm CipherOf(byte[] secret, byte[] keySalt)
    {
        var key = PassphraseKey.Expand(secret, [.. ContentUse, .. keySalt]);
        try
        {
            return new AesGcm(key, TagLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] CheckOf(byte[] secret, byte[] salt, int count) => HMACSHA256.HashData(PassphraseKey.Expand(secret, CheckUse), HeaderOf(salt, count));

    private static byte[] HeaderOf(byte[] salt, int count)
    {
        var header = new byte[sizeof(int) + salt.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, count);
        salt.CopyTo(header, sizeof(int));
        return header;
    }

    private static XElement Bytes(string name, byte[] value) => new(name, Convert.ToBase64String(value));

    private static byte[] BytesOf(XElement element, string name) => Convert.FromBase64String(element.Element(name)?.Value ?? "");

    private sealed record Header(int Iterations, byte[] Salt, byte[] Check, byte[] KeySalt, byte[] Content);
}

/// <summary>Decrypts the keys that a passphrase encrypted. The files of the key ring contain the name of this type.</summary>
internal sealed class PassphraseXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        services.GetRequiredService<KeyRingSecrets>().Find(encryptedElement) is KeyRingPassphrase passphrase
            ? passphrase.Decrypt(encryptedElement)
            : throw new CryptographicException("The key ring is encrypted with another passphrase.");
}
