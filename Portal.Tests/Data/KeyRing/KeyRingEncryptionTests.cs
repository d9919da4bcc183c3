using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Secrets;
using Portal.Tests.Support;

namespace Portal.Tests.Data.KeyRing;

/// <summary>The encryption of the key ring. Each <see cref="Start"/> is a start of Portal on the same data directory.</summary>
public sealed class KeyRingEncryptionTests : IDisposable
{
    private const string First = "the first long passphrase", Second = "the second long passphrase";

    private readonly TemporaryDirectory _folder = new();
    private byte[] _value = [];

    private string Keys => Path.Combine(_folder.Path, "keys");
    private string CertificatePath => Path.Combine(_folder.Path, "key-ring.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Encrypt_SettingAppears_ReplacesEveryUnencryptedKey()
    {
        Start(null);
        Assert.Contains("masterKey", Content(), StringComparison.Ordinal);

        Start(Passphrase(First));

        Assert.DoesNotContain("masterKey", Content(), StringComparison.Ordinal);
        // The files contain the name of the decryptor, so it must not change.
        Assert.Contains("decryptorType=\"Portal.Data.KeyRing.KeyRingXmlDecryptor, Portal,", Content(), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Keys), path => Assert.EndsWith(".xml", path, StringComparison.Ordinal));
        Assert.DoesNotContain(DataDirectory.Beside(_folder.Path).FindOpenToOthers(), path => path.StartsWith(Keys + "/", StringComparison.Ordinal));
    }

    [Fact]
    public void Encrypt_FormerPassphrase_EncryptsAgainAndThenNeedsTheNewOneOnly()
    {
        Start(Passphrase(First));

        Start(Passphrase(Second), Passphrase(First));
        Start(Passphrase(Second));

        Refused("was encrypted with another passphrase or certificate", Passphrase(First));
    }

    [Fact]
    public void Encrypt_CertificateAfterPassphrase_AndBack()
    {
        using (var expired = TestCertificate.CreateRsa("key ring", days: -1, startsInDays: -10))
            expired.WritePem(CertificatePath);
        var certificate = KeyRingSecrets.Load(Settings("Certificate", CertificatePath)).Current!;
        Start(Passphrase(First));

        Start(certificate, Passphrase(First));
        Assert.Contains("portalCertificate", Content(), StringComparison.Ordinal);
        Start(certificate);
        Start(Passphrase(Second), certificate);

        Assert.DoesNotContain("portalCertificate", Content(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is encrypted, but Portal:KeyRing has no passphrase or certificate. Set Portal:KeyRing:PassphraseFile", null)]
    [InlineData("was encrypted with another passphrase or certificate than Portal:KeyRing has", Second)]
    public void Encrypt_SecretIsLostOrWrong_StopsTheStartAndChangesNothing(string expected, string? passphrase)
    {
        Start(Passphrase(First));
        var before = Content();

        Refused(expected, passphrase is null ? null : Passphrase(passphrase));

        Assert.Equal(before, Content());
    }

    [Fact]
    public void Encrypt_ChangedFile_IsCalledDamaged()
    {
        Start(Passphrase(First));
        var path = Directory.GetFiles(Keys, "key-*.xml").Single();
        var content = XDocument.Load(path);
        var element = content.Descendants("content").Single();
        var bytes = Convert.FromBase64String(element.Value);
        bytes[^1] ^= 1;
        element.Value = Convert.ToBase64String(bytes);
        content.Save(path);

        Refused("is damaged: restore it from the backup", Passphrase(First));
    }

    [Theory]
    [InlineData("is too short", "Passphrase", "short")]
    [InlineData("are both set", "Passphrase", First, "PassphraseFile", "/x")]
    [InlineData("cannot be read", "PassphraseFile", "/nowhere/secret")]
    [InlineData("cannot be used", "Certificate", "/nowhere/certificate.pem")]
    [InlineData("but no certificate. Set Portal:KeyRing:Certificate", "CertificatePassword", "x")]
    [InlineData("but no current passphrase or certificate is", "Former:0:Passphrase", First)]
    [InlineData("Portal:KeyRing:Former:0 has no passphrase", "Passphrase", First, "Former:0:CertificateKey", "")]
    public void Load_WrongSettings_SayWhatToDo(string expected, params string[] settings)
    {
        var refused = Assert.Throws<SecretException>(() => KeyRingSecrets.Load(Settings(settings)));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(First, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CertificateWithoutRsaKey_SaysWhatToDo()
    {
        using (var certificate = TestCertificate.Create("key ring"))
            certificate.WritePem(CertificatePath);
        Assert.Contains("has no RSA key of at least 2048 bits", Assert.Throws<SecretException>(() => KeyRingSecrets.Load(Settings("Certificate", CertificatePath))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_PassphraseFile_IsItsFirstLine()
    {
        var file = Path.Combine(_folder.Path, "secret");
        await File.WriteAllTextAsync(file, First + "\nnot this line", TestContext.Current.CancellationToken);
        var element = new XElement("plain");
        var encrypted = KeyRingSecrets.Load(Settings("PassphraseFile", file)).Current!.Encrypt(element).EncryptedElement;
        Assert.True(new KeyRingPassphrase(First).Fits(encrypted));
    }

    /// <summary>Deriving a key takes half a second with the usual number of iterations.</summary>
    private static KeyRingPassphrase Passphrase(string passphrase) => new(passphrase, iterations: 1);

    /// <summary>Starts Portal, checks that it decrypts what the first one has encrypted, and stops it.</summary>
    private void Start(KeyRingSecret? current, params KeyRingSecret[] former)
    {
        var secrets = new KeyRingSecrets(current, former);
        EncryptionWith(secrets).Encrypt();
        using var services = new ServiceCollection().AddLogging().AddDataProtection().UsePortal(secrets).PersistKeysToFileSystem(new DirectoryInfo(Keys)).Services.BuildServiceProvider();
        var protector = services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
        if (_value.Length == 0)
            _value = protector.Protect([1, 2, 3]);
        Assert.Equal([1, 2, 3], protector.Unprotect(_value));
    }

    private void Refused(string expected, KeyRingSecret? current)
    {
        var files = EncryptionWith(new KeyRingSecrets(current, []));
        var refused = Assert.Throws<DataDirectoryException>(files.Encrypt);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, files.FindFault());
    }

    private KeyRingEncryption EncryptionWith(KeyRingSecrets secrets) => new(new FileKeyStore(DataDirectory.Beside(_folder.Path)), secrets, NullLogger<KeyRingEncryption>.Instance);

    private static IConfiguration Settings(params string[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Chunk(2).Select(pair => KeyValuePair.Create($"Portal:KeyRing:{pair[0]}", (string?)pair[1]))).Build();

    private string Content() => string.Join('\n', Directory.GetFiles(Keys, "key-*.xml").Order(StringComparer.Ordinal).Select(File.ReadAllText));
}
