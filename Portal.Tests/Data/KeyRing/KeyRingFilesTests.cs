using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Secrets;
using Portal.Tests.Support;

namespace Portal.Tests.Data.KeyRing;

/// <summary>The encryption of the key ring's files. Each portal is a start of Portal on the same data directory.</summary>
public sealed class KeyRingFilesTests : IDisposable
{
    private const string First = "the first long passphrase", Second = "the second long passphrase";

    private readonly TemporaryDirectory _folder = new();
    private byte[] _value = [];

    private string Keys => Path.Combine(_folder.Path, "keys");
    private string CertificatePath => Path.Combine(_folder.Path, "key-ring.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Encrypt_SettingAppears_ReplacesEveryUnencryptedKey()
    {
        await StartAsync();
        Assert.Contains("masterKey", Content(), StringComparison.Ordinal);

        await StartAsync(("Passphrase", First));

        Assert.DoesNotContain("masterKey", Content(), StringComparison.Ordinal);
        // The files contain the name of the decryptor, so it must not change.
        Assert.Contains("decryptorType=\"Portal.Data.KeyRing.KeyRingXmlDecryptor, Portal,", Content(), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Keys), path => Assert.EndsWith(".xml", path, StringComparison.Ordinal));
        Assert.DoesNotContain(DataDirectory.Beside(_folder.Path).FindOpenToOthers(), path => path.StartsWith(Keys + "/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Encrypt_PassphraseFileWithFormerPassphrase_EncryptsAgainAndThenNeedsTheNewOneOnly()
    {
        await StartAsync(("Passphrase", First));
        var file = Path.Combine(_folder.Path, "secret");
        await File.WriteAllTextAsync(file, Second + "\nnot this line", TestContext.Current.CancellationToken);

        await StartAsync(("PassphraseFile", file), ("Former:0:Passphrase", First));
        await StartAsync(("Passphrase", Second));

        await RefusedAsync("was encrypted with another passphrase or certificate", ("Passphrase", First));
    }

    [Fact]
    public async Task Encrypt_CertificateAfterPassphrase_AndBack()
    {
        using (var certificate = TestCertificate.Create("key ring", days: -1, startsInDays: -10))
            certificate.WritePem(CertificatePath);
        await StartAsync(("Passphrase", First));

        await StartAsync(("Certificate", CertificatePath), ("Former:0:Passphrase", First));
        Assert.Contains("portalCertificate", Content(), StringComparison.Ordinal);
        await StartAsync(("Certificate", CertificatePath));
        await StartAsync(("Passphrase", Second), ("Former:0:Certificate", CertificatePath));

        Assert.DoesNotContain("portalCertificate", Content(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is encrypted, but Portal:KeyRing has no passphrase or certificate. Set Portal:KeyRing:PassphraseFile")]
    [InlineData("was encrypted with another passphrase or certificate than Portal:KeyRing has", "Passphrase", Second)]
    public async Task Encrypt_SecretIsLostOrWrong_StopsTheStartAndChangesNothing(string expected, params string[] setting)
    {
        await StartAsync(("Passphrase", First));
        var before = Content();

        await RefusedAsync(expected, setting.Length == 0 ? [] : [(setting[0], setting[1])]);

        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task Encrypt_ChangedFile_IsCalledDamaged()
    {
        await StartAsync(("Passphrase", First));
        var path = Directory.GetFiles(Keys, "key-*.xml").Single();
        var content = XDocument.Load(path);
        var element = content.Descendants("content").Single();
        var bytes = Convert.FromBase64String(element.Value);
        bytes[^1] ^= 1;
        element.Value = Convert.ToBase64String(bytes);
        content.Save(path);

        await RefusedAsync("is damaged: restore it from the backup", ("Passphrase", First));
    }

    [Theory]
    [InlineData("is too short", "Passphrase", "short")]
    [InlineData("are both set", "Passphrase", First, "PassphraseFile", "/x")]
    [InlineData("cannot be read", "PassphraseFile", "/nowhere/secret")]
    [InlineData("cannot be used", "Certificate", "/nowhere/certificate.pem")]
    [InlineData("but no certificate. Set Portal:KeyRing:Certificate", "CertificatePassword", "x")]
    [InlineData("but no current passphrase or certificate is", "Former:0:Passphrase", First)]
    [InlineData("Portal:KeyRing:Former:0 has no passphrase", "Passphrase", First, "Former:0:CertificateKey", "")]
    public async Task Load_WrongSettings_SayWhatToDo(string expected, params string[] settings)
    {
        var refused = await Assert.ThrowsAsync<SecretException>(() => TestPortal.CreateAsync(
            _folder.Path, settings.Chunk(2).ToDictionary(pair => $"Portal:KeyRing:{pair[0]}", pair => (string?)pair[1])));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(First, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Starts Portal, checks that it decrypts what the first one has encrypted, and stops it.</summary>
    private async Task StartAsync(params (string Name, string Value)[] settings)
    {
        await using var portal = await OpenAsync(settings);
        portal.Services.GetRequiredService<KeyRingFiles>().Encrypt();
        var protector = portal.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
        if (_value.Length == 0)
            _value = protector.Protect([1, 2, 3]);
        Assert.Equal([1, 2, 3], protector.Unprotect(_value));
    }

    private async Task RefusedAsync(string expected, params (string Name, string Value)[] settings)
    {
        await using var portal = await OpenAsync(settings);
        var refused = Assert.Throws<DataDirectoryException>(portal.Services.GetRequiredService<KeyRingFiles>().Encrypt);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, portal.Services.GetRequiredService<KeyRingFiles>().FindFault());
    }

    private Task<TestPortal> OpenAsync((string Name, string Value)[] settings) =>
        TestPortal.CreateAsync(_folder.Path, settings.ToDictionary(setting => $"Portal:KeyRing:{setting.Name}", setting => (string?)setting.Value));

    private string Content() => string.Join('\n', Directory.GetFiles(Keys, "key-*.xml").Order(StringComparer.Ordinal).Select(File.ReadAllText));
}
