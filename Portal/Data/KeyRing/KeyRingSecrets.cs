using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using Portal.Secrets;

namespace Portal.Data.KeyRing;

/// <summary>The configured passphrases and certificates of the key ring, read once at the start.</summary>
internal sealed class KeyRingSecrets(KeyRingSecret? current, IReadOnlyList<KeyRingSecret> former)
{
    /// <summary>Of an RSA key, in bits.</summary>
    private const int ShortestKey = 2048;

    /// <summary>No passphrase or certificate.</summary>
    public static KeyRingSecrets None { get; } = new(null, []);

    /// <summary>Encrypts new keys; null: they are stored unencrypted.</summary>
    public KeyRingSecret? Current => current;

    private IEnumerable<KeyRingSecret> All => current is null ? former : former.Prepend(current);

    /// <exception cref="SecretException">A setting is wrong or a file can't be read; the message says what to do.</exception>
    public static KeyRingSecrets Load(IConfiguration configuration)
    {
        var options = configuration.GetSection(KeyRingOptions.Section).Get<KeyRingOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new KeyRingOptions();
        var current = Read(options, KeyRingOptions.Section, isNew: true);
        if (current is null && options.Former.Count > 0)
            throw new SecretException($"{KeyRingOptions.Section}:Former is set, but no current passphrase or certificate is. Set {KeyRingOptions.Section}:PassphraseFile, or remove Former.");
        return new KeyRingSecrets(current, [.. options.Former.Select((former, i) => Read(former, $"{KeyRingOptions.Section}:Former:{i}", isNew: false)
            ?? throw new SecretException($"{KeyRingOptions.Section}:Former:{i} has no passphrase or certificate. Add one, or remove the entry."))]);
    }

    /// <summary>Whether these secrets can decrypt all files.</summary>
    public bool FitAll(IEnumerable<string> paths) => paths.All(path => KeyRingEncryption.EncryptedIn(XDocument.Load(path)).All(encrypted => Find(encrypted.Elements().First()) is not null));

    /// <summary>Finds the secret that encrypted an element.</summary>
    public KeyRingSecret? Find(XElement encrypted) => All.FirstOrDefault(secret => secret.Fits(encrypted));

    private static KeyRingSecret? Read(KeyRingSecretOptions options, string section, bool isNew)
    {
        string[] set = [.. new[]
        {
            (options.Passphrase, "Passphrase"), (options.PassphraseFile, "PassphraseFile"), (options.Certificate, "Certificate"),
        }.Where(setting => !string.IsNullOrEmpty(setting.Item1)).Select(setting => $"{section}:{setting.Item2}")];
        if (set.Length > 1)
            throw new SecretException($"{string.Join(" and ", set)} are both set, but only one of them can encrypt the key ring. Remove the others, or move them to {KeyRingOptions.Section}:Former.");
        if (!string.IsNullOrEmpty(options.Certificate))
            return ReadCertificate(options, section);
        if (First(options.CertificateKey, options.CertificatePassword, options.CertificatePasswordFile) is not null)
            throw new SecretException($"{section} has the key or the password of a certificate, but no certificate. Set {section}:Certificate.");
        var passphrase = First(options.PassphraseFile) is { } file ? SecretFile.Read(file, $"{section}:PassphraseFile") : First(options.Passphrase);
        return passphrase is null ? null
            : isNew && passphrase.Length < PassphraseKey.Shortest
                ? throw new SecretException($"The passphrase in {set[0]} is too short: anyone who has the data directory can guess it. Use at least {PassphraseKey.Shortest} characters, for example the output of openssl rand -base64 24.")
                : new KeyRingPassphrase(passphrase);
    }

    private static KeyRingCertificate ReadCertificate(KeyRingSecretOptions options, string section)
    {
        var password = First(options.CertificatePasswordFile) is { } file ? SecretFile.Read(file, $"{section}:CertificatePasswordFile") : First(options.CertificatePassword);
        var certificate = new CertificateFile(options.Certificate!, First(options.CertificateKey), password, $"{section}:Certificate").Load().Own;
        using var key = certificate.GetRSAPrivateKey();
        return key is { KeySize: >= ShortestKey }
            ? new KeyRingCertificate(certificate)
            : throw new SecretException($"The certificate in {section}:Certificate has no RSA key of at least {ShortestKey} bits, which the key ring needs. Use another certificate, or a passphrase.");
    }

    private static string? First(params string?[] values) => values.FirstOrDefault(value => !string.IsNullOrEmpty(value));
}
