using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Secrets;

/// <summary>The files of a certificate with its private key.</summary>
/// <param name="Certificate">A PEM file, which may also contain the key and the intermediate certificates, or a PKCS #12 file (PFX).</param>
/// <param name="Key">A PEM file with the key; null: it is in the same file.</param>
/// <param name="Password">The password of the key; null: it has none.</param>
/// <param name="Setting">The setting that names the certificate.</param>
internal sealed record CertificateFile(string Certificate, string? Key, string? Password, string Setting)
{
    private static ReadOnlySpan<byte> Pem => "-----BEGIN"u8;

    /// <summary>Reads the certificate and its intermediate certificates.</summary>
    /// <exception cref="SecretException">It can't be used; the message says what to do.</exception>
    public LoadedCertificate Load()
    {
        try
        {
            var content = File.ReadAllBytes(Certificate);
            return content.AsSpan().IndexOf(Pem) >= 0 ? LoadPem() : LoadPkcs12(content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unusable(exception, "Give this user read access to the files, or correct their paths");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Unusable(exception, "Check that the certificate, its key and its password belong together");
        }
    }

    /// <summary>The content of the files, to notice that they changed. Links are followed.</summary>
    public byte[] ReadHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(Certificate));
        if (Key is not null)
            hash.AppendData(File.ReadAllBytes(Key));
        return hash.GetHashAndReset();
    }

    /// <summary>Does not print the password.</summary>
    public override string ToString() => Certificate;

    private LoadedCertificate LoadPem()
    {
        using var own = Password is null ? X509Certificate2.CreateFromPemFile(Certificate, Key) : X509Certificate2.CreateFromEncryptedPemFile(Certificate, Password, Key);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(Certificate);
        // On Windows, TLS can't use a key that is only in memory.
        var usable = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(own);
        return new LoadedCertificate(usable, [.. all.Where(other => other.Thumbprint != own.Thumbprint)]);
    }

    private LoadedCertificate LoadPkcs12(byte[] content)
    {
        if (Key is not null)
            throw new SecretException($"{Certificate} in {Setting} contains no PEM certificate, so it can't have a key in another file. Use a PEM file, or remove the setting of the key.");
        var all = X509CertificateLoader.LoadPkcs12Collection(content, Password);
        return all.FirstOrDefault(certificate => certificate.HasPrivateKey) is { } own
            ? new LoadedCertificate(own, [.. all.Where(other => other != own)])
            : throw new SecretException($"{Certificate} in {Setting} has no private key. Use a file that contains the key.");
    }

    private SecretException Unusable(Exception exception, string advice) =>
        new($"The certificate {Certificate} in {Setting} cannot be used ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}). {advice}.");
}

/// <param name="Own">The certificate with its private key.</param>
/// <param name="Others">The intermediate certificates.</param>
internal sealed record LoadedCertificate(X509Certificate2 Own, X509Certificate2Collection Others);
