using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;

namespace Portal.Data.KeyRing;

/// <summary>A certificate that encrypts the keys of the key ring.</summary>
/// <remarks>The element in the file: <c>portalCertificate</c> with, in Base64, <c>sha256</c> (the thumbprint of the certificate), <c>key</c> (random for each
/// element, encrypted with RSA-OAEP-SHA256) and <c>content</c>.</remarks>
internal sealed class KeyRingCertificate(X509Certificate2 certificate) : KeyRingSecret
{
    private const string Element = "portalCertificate", ThumbprintName = "sha256", KeyName = "key", ContentName = "content";

    private readonly byte[] _thumbprint = certificate.GetCertHash(HashAlgorithmName.SHA256);

    public override string Description => $"the certificate {certificate.Subject}";

    public override bool Fits(XElement encrypted) =>
        encrypted.Name == Element && BytesOf(encrypted, ThumbprintName) is { } thumbprint && thumbprint.AsSpan().SequenceEqual(_thumbprint);

    public override XElement Decrypt(XElement encrypted)
    {
        if (BytesOf(encrypted, KeyName) is not { } wrapped || BytesOf(encrypted, ContentName) is not { } content)
            throw new CryptographicException("The encrypted key is damaged.");
        using var rsa = certificate.GetRSAPrivateKey()!;
        return Open(rsa.Decrypt(wrapped, RSAEncryptionPadding.OaepSHA256), content, _thumbprint);
    }

    protected override XElement EncryptElement(XElement plain)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        using var rsa = certificate.GetRSAPublicKey()!;
        var wrapped = rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256);
        return new XElement(Element, Bytes(ThumbprintName, _thumbprint), Bytes(KeyName, wrapped), Bytes(ContentName, Seal(key, plain, _thumbprint)));
    }
}
