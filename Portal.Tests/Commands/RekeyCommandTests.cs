using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Accounts.SecondFactor;
using Portal.Audit;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Commands;

/// <summary><c>Portal rekey</c> on a data directory with one token.</summary>
public sealed class RekeyCommandTests : IDisposable
{
    private const string SigningPurpose = "Portal.Gateway.Assertions";

    private readonly TemporaryDirectory _folder = new();
    private string _header = "";

    private string SigningKey => Path.Combine(Keys, "assertion-test.key");
    private string Keys => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rekey_RemoveOld_EverythingIsReadableWithTheNewKeyAlone()
    {
        var (oldKey, factor) = await PrepareAsync();

        var result = (await RunAsync("--remove-old", "--json")).AssertDone();

        var newKey = result.GetProperty("key").GetGuid();
        Assert.NotEqual(oldKey, newKey);
        Assert.Equal(1, result.GetProperty("removedKeys").GetInt32());
        Assert.Equal(
            ["API keys 1 1 0", "authenticator apps 1 1 0", "proof of the key ring 1 1 0", "provider sessions 0 0 0", "signing keys 1 1 0", "webhook secrets 0 0 0"],
            result.GetProperty("values").EnumerateArray().Select(each => string.Join(
                ' ', each.GetProperty("name").GetString(), each.GetProperty("total"), each.GetProperty("reencrypted"), each.GetProperty("unreadable"))));
        Assert.Equal($"key-{newKey}.xml", Path.GetFileName(Directory.GetFiles(Keys, "key-*.xml").Single()));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "portal.rekey")));
        await using var portal = new PortalHost("Development", null, _folder.Path);
        await portal.InitializeAsync();
        var shown = Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Administrator, HandleOf(_header), KeySlot.Newest, AuditAction.KeyViewed));
        Assert.Equal(_header, shown.Key.ToHeaderValue());
        await using var context = await portal.ContextAsync();
        var stored = await context.UserSecondFactors.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(factor, portal.Services.GetRequiredService<OneTimePasswords>().Unprotect(stored.UserId, stored.ProtectedKey));
        var signing = await File.ReadAllBytesAsync(SigningKey, TestContext.Current.CancellationToken);
        Assert.Equal([7], portal.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector(SigningPurpose).Unprotect(signing));
        var entry = await context.AuditEntries.SingleAsync(each => each.Action == AuditAction.KeyRingRenewed, TestContext.Current.CancellationToken);
        Assert.Contains("\"removed\":1", entry.Details, StringComparison.Ordinal);
        Assert.DoesNotContain("different key ring", portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rekey_AfterAnInterruptedRun_ContinuesWithItsKey()
    {
        await PrepareAsync();
        var first = (await RunAsync("--json")).AssertDone().GetProperty("key").GetGuid();
        // As if the run had been killed before it was complete.
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "portal.rekey"), first.ToString(), TestContext.Current.CancellationToken);

        var again = (await RunAsync("--json")).AssertDone();

        Assert.True(again.GetProperty("continued").GetBoolean());
        Assert.Equal(first, again.GetProperty("key").GetGuid());
        Assert.All(again.GetProperty("values").EnumerateArray(), each => Assert.Equal(0, each.GetProperty("reencrypted").GetInt64()));
        Assert.NotEqual(first, (await RunAsync("--json")).AssertDone().GetProperty("key").GetGuid());
        Assert.Equal(3, Directory.GetFiles(Keys, "key-*.xml").Length);
    }

    [Fact]
    public async Task Rekey_WhileAnotherRuns_IsRefused()
    {
        await PrepareAsync();
        await using var other = new FileStream(Path.Combine(_folder.Path, "portal.rekey"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        (await RunAsync()).AssertFailed("Another rekey");
    }

    [Fact]
    public async Task Rekey_LostKeyRing_SaysWhatStays()
    {
        await PrepareAsync();
        Directory.Delete(Keys, recursive: true);
        var result = await RunAsync();
        Assert.Contains("3 values can't be decrypted with any key, and stay as they are", result.Output, StringComparison.Ordinal);
    }

    /// <returns>The ID of the key, and the key of an authenticator app.</returns>
    private async Task<(Guid Key, byte[] Factor)> PrepareAsync()
    {
        _header = await StoredData.WithTokenAsync(_folder.Path);
        await using var portal = await TestPortal.CreateAsync(_folder.Path);
        var factor = OneTimePasswords.CreateKey();
        await using var context = await portal.OpenAsync();
        var user = await context.Users.Select(each => each.Id).FirstAsync(TestContext.Current.CancellationToken);
        context.UserSecondFactors.Add(new UserSecondFactor
        {
            UserId = user, ProtectedKey = portal.Services.GetRequiredService<OneTimePasswords>().Protect(user, factor), ConfirmedAt = portal.Now,
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        var signing = portal.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector(SigningPurpose).Protect([7]);
        await File.WriteAllBytesAsync(SigningKey, signing, TestContext.Current.CancellationToken);
        return (EncryptedValue.KeyOf(portal.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect([1]))!.Value, factor);
    }

    private Task<CommandResult> RunAsync(params string[] options) => ProgramRun.RunCommandAsync(["rekey", "--data-directory", _folder.Path, .. options]);

    private static string HandleOf(string header)
    {
        Assert.True(ApiKey.TryParse(header, out var handle, out _));
        return handle.ToString();
    }
}
