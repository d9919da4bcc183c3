using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Tests.Support;

/// <summary>Certificates for tests, signed by themselves.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Create(string name, int days = 30, int startsInDays = -1)
    {
        // Much faster to create than an RSA key.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), name, days, startsInDays);
    }

    public static X509Certificate2 CreateRsa(string name, int days = 30, int startsInDays = -1)
    {
        using var key = RSA.Create(2048);
        return Sign(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), name, days, startsInDays);
    }

    /// <summary>The private key, which the caller disposes.</summary>
    public static AsymmetricAlgorithm KeyOf(this X509Certificate2 certificate) =>
        (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;

    /// <summary>Writes the certificate and its key as one PEM file.</summary>
    public static void WritePem(this X509Certificate2 certificate, string path)
    {
        using var key = certificate.KeyOf();
        var temporary = path + ".new";
        File.WriteAllText(temporary, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    private static X509Certificate2 Sign(CertificateRequest request, string name, int days, int startsInDays)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(startsInDays), now.AddDays(days));
    }
}
