using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.Data.KeyRing;

/// <summary>A passphrase or certificate that encrypts the keys of the key ring.</summary>
internal abstract class KeyRingSecret
{
    /// <summary>Describes it in a sentence, without the secret.</summary>
    public abstract string Description { get; }

    public abstract IXmlEncryptor Encryptor { get; }

    /// <summary>Whether it encrypted the element.</summary>
    public abstract bool Fits(XElement encrypted);

    /// <summary>Decrypts an element that it <see cref="Fits"/>.</summary>
    /// <param name="services">The services of data protection.</param>
    public abstract XElement Decrypt(XElement encrypted, IServiceProvider services);
}

/// <summary>A certificate, used as the framework does it (XML Encryption).</summary>
internal sealed class KeyRingCertificate(X509Certificate2 certificate) : KeyRingSecret
{
    private const string CertificateElement = "X509Certificate";

    public X509Certificate2 Certificate => certificate;

    public override string Description => $"the certificate {certificate.Subject}";

    public override IXmlEncryptor Encryptor { get; } = new CertificateXmlEncryptor(certificate, NullLoggerFactory.Instance);

    public override bool Fits(XElement encrypted)
    {
        var own = Convert.ToBase64String(certificate.RawData);
        return encrypted.DescendantsAndSelf().Any(element => element.Name.LocalName == CertificateElement && string.Concat(element.Value.Where(letter => !char.IsWhiteSpace(letter))) == own);
    }

    public override XElement Decrypt(XElement encrypted, IServiceProvider services) => new EncryptedXmlDecryptor(services).Decrypt(encrypted);
}
