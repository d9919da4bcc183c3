namespace Portal.Data.KeyRing;

/// <summary>What encrypts the files of the key ring: a passphrase or a certificate.</summary>
internal class KeyRingSecretOptions
{
    /// <summary>For environment variables. Everyone on the machine can read the arguments of a process.</summary>
    public string? Passphrase { get; set; }

    /// <summary>A file whose first line is the passphrase.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary>A PEM or PKCS #12 file with an RSA key.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the key, unless <see cref="Certificate"/> contains it.</summary>
    public string? CertificateKey { get; set; }

    public string? CertificatePassword { get; set; }

    /// <summary>A file whose first line is the password of the key.</summary>
    public string? CertificatePasswordFile { get; set; }
}

/// <summary>The settings of the key ring.</summary>
internal sealed class KeyRingOptions : KeyRingSecretOptions
{
    public const string Section = "Portal:KeyRing";

    /// <summary>Earlier passphrases and certificates. At the start, what they encrypted is encrypted again with the current one.</summary>
    public List<KeyRingSecretOptions> Former { get; set; } = [];
}
