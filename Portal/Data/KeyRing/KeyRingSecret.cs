using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Portal.Data.KeyRing;

/// <summary>A passphrase or certificate that encrypts the keys of the key ring, each with AES-256-GCM and a key of its own.</summary>
/// <remarks>The framework's own encryption with a certificate uses RSA with PKCS #1 v1.5 and AES-CBC without authentication.</remarks>
internal abstract class KeyRingSecret : IXmlEncryptor
{
    protected const int NonceLength = 12, TagLength = 16, KeyLength = 32;

    /// <summary>Describes it, without the secret.</summary>
    public abstract string Description { get; }

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(EncryptElement(plaintextElement), typeof(KeyRingXmlDecryptor));

    /// <summary>Whether it encrypted the element.</summary>
    public abstract bool Fits(XElement encrypted);

    /// <summary>Decrypts an element that it <see cref="Fits"/>.</summary>
    /// <exception cref="CryptographicException">The element is damaged.</exception>
    public abstract XElement Decrypt(XElement encrypted);

    protected abstract XElement EncryptElement(XElement plain);

    /// <returns>The nonce, the tag and the ciphertext.</returns>
    /// <param name="header">Must be the same for decryption.</param>
    protected static byte[] Seal(byte[] key, XElement plain, byte[] header)
    {
        var text = Encoding.UTF8.GetBytes(plain.ToString(SaveOptions.DisableFormatting));
        var content = new byte[NonceLength + TagLength + text.Length];
        RandomNumberGenerator.Fill(content.AsSpan(0, NonceLength));
        using (var cipher = new AesGcm(key, TagLength))
            cipher.Encrypt(content.AsSpan(0, NonceLength), text, content.AsSpan(NonceLength + TagLength), content.AsSpan(NonceLength, TagLength), header);
        CryptographicOperations.ZeroMemory(text);
        CryptographicOperations.ZeroMemory(key);
        return content;
    }

    /// <inheritdoc cref="Decrypt"/>
    protected static XElement Open(byte[] key, byte[] content, byte[] header)
    {
        if (content.Length < NonceLength + TagLength)
            throw new CryptographicException("The encrypted key is damaged.");
        var text = new byte[content.Length - NonceLength - TagLength];
        try
        {
            using (var cipher = new AesGcm(key, TagLength))
                cipher.Decrypt(content.AsSpan(0, NonceLength), content.AsSpan(NonceLength + TagLength), content.AsSpan(NonceLength, TagLength), text, header);
            return XElement.Parse(Encoding.UTF8.GetString(text));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    protected static XElement Bytes(string name, byte[] value) => new(name, Convert.ToBase64String(value));

    /// <returns>Null: the element has no such part, or it is damaged.</returns>
    protected static byte[]? BytesOf(XElement element, string name)
    {
        try
        {
            return element.Element(name) is { } part ? Convert.FromBase64String(part.Value) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>Decrypts the keys of the key ring. Its files contain the name of this type.</summary>
internal sealed class KeyRingXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        services.GetRequiredService<KeyRingSecrets>().Find(encryptedElement)?.Decrypt(encryptedElement)
        ?? throw new CryptographicException("The key ring is encrypted with another passphrase or certificate.");
}
