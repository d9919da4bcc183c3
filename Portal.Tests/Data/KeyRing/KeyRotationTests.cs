using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Support;

namespace Portal.Tests.Data.KeyRing;

public sealed partial class KeyRotationTests(PortalHost portal) : IClassFixture<PortalHost>
{
    /// <summary>What these purposes encrypt is only in cookies and addresses, or nowhere.</summary>
    private static readonly string[] NeverStored =
    [
        "Portal.Accounts.KnownDevice.v1", "Portal.Accounts.SingleSignOn.ConnectionTickets.v1", "Portal.Accounts.SingleSignOn.InvitationCookie.v1",
        // Only until the setup is complete; a node that can't decrypt the code replaces it.
        "Portal.Accounts.FirstRun.v1", "Portal.Accounts.Passkeys.v1",
        // A page whose state can't be decrypted is loaded again.
        "Portal.Data.PageStates.v1",
        "Portal.Data.KeyRingWatch", "Portal.Data.KeyRotation",
    ];

    /// <summary>A value that <c>rekey</c> doesn't know could no longer be decrypted after <c>--remove-old</c>.</summary>
    [Fact]
    public void Purposes_EachIsKnownToRekeyOrStoredNowhere()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Built.SourceRoot, "Portal"), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal)))
        {
            var code = File.ReadAllText(path);
            foreach (Match match in Creation().Matches(code))
                found.Add(match.Groups[1].Value is ['"', .. var literal, '"'] ? literal : ValueOf(match.Groups[1].Value.Split('.')[^1], match.Groups[1].Value.Contains('.', StringComparison.Ordinal) ? match.Groups[1].Value.Split('.')[^2] : null, code));
        }

        var known = portal.Services.GetServices<IEncryptedValues>().Select(values => values.Purpose).ToList();
        Assert.Equal(known.Concat(NeverStored).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Empty(known.GroupBy(purpose => purpose).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Watch_KeyOfAnotherProcess_IsUsedAndItsValuesAreReadable()
    {
        var (watch, protector) = (portal.Services.GetRequiredService<KeyRingWatch>(), portal.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test"));
        var before = protector.Protect([1]);
        watch.Check();
        Guid created;
        byte[] foreign;
        using (var other = new ServiceCollection().AddLogging().AddDataProtection().UsePortal(KeyRingSecrets.None)
            .PersistKeysToFileSystem(new DirectoryInfo(portal.Services.GetRequiredService<DataDirectory>().Keys)).Services.BuildServiceProvider())
        {
            var now = TimeProvider.System.GetUtcNow();
            created = other.GetRequiredService<Microsoft.AspNetCore.DataProtection.KeyManagement.IKeyManager>().CreateNewKey(now, now.AddDays(90)).KeyId;
            foreign = other.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect([2]);
        }

        watch.Check();
        Assert.True(SpinWait.SpinUntil(() => EncryptedValue.KeyOf(protector.Protect([1])) == created, TimeSpan.FromSeconds(30)));

        Assert.Equal([2], protector.Unprotect(foreign));
        Assert.Equal([1], protector.Unprotect(before));
    }

    private static string ValueOf(string constant, string? type, string code)
    {
        if (type is not null)
            code = File.ReadAllText(Directory.EnumerateFiles(Path.Combine(Built.SourceRoot, "Portal"), type + ".cs", SearchOption.AllDirectories).Single());
        var match = Regex.Match(code, $"\\b{constant} = \"([^\"]+)\"");
        Assert.True(match.Success, $"The purpose {constant} must be a constant.");
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@"(?:protection|Create\([^;]*)\s*\.CreateProtector\(([^)]+)\)")]
    private static partial Regex Creation();
}
