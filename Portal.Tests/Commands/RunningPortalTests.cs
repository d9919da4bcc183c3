using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Commands.Backups;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Commands;

/// <summary>Commands beside a running Portal, as processes of their own.</summary>
[Slow]
public sealed class RunningPortalTests
{
    private const string Secret = "correct horse battery staple";

    private static readonly Dictionary<string, string> Passphrase = new() { ["PORTAL_BACKUP_PASSPHRASE"] = Secret };

    /// <summary>Portal is killed afterwards, as if the machine were lost, and the backup is restored elsewhere.</summary>
    [Fact]
    public async Task Backup_WhileManyChangesComeIn_HasEverythingThatWasConfirmedBefore()
    {
        using TemporaryDirectory folder = new(), elsewhere = new();
        var file = Path.Combine(elsewhere.Path, "a.portal");
        Dictionary<string, int> before;
        string key;
        int after;
        double rate;
        await using (var process = await TokenChangingProcess.StartAsync(folder.Path))
        {
            key = process.Key;
            var since = Stopwatch.GetTimestamp();
            before = await process.ConfirmedAsync(count: 200);
            rate = 200 / Stopwatch.GetElapsedTime(since).TotalSeconds;
            (await CommandProcess.RunAsync(["backup", file, "--data-directory", folder.Path, "--json"], Passphrase)).AssertDone();
            after = (await process.KillAsync(Task.CompletedTask)).Count;
        }

        var restored = Path.Combine(elsewhere.Path, "restored");
        var summary = await BackupRestorer.RestoreAsync(file, Secret, restored);
        TestContext.Current.TestOutputHelper?.WriteLine($"{rate:0} changes a second, {before.Count} tokens confirmed before, {after} until the end, {summary.Tokens} in the backup");

        Assert.True(summary.StoredKeysReadable);
        Assert.InRange(summary.Tokens, before.Count, before.Count + after + 2);
        await KilledProcessTests.AssertKeptAsync(restored, before);
        await AssertKeysWorkAsync(restored, [key, .. before.Keys.Take(5)]);
    }

    [Fact]
    public async Task ResetPassword_OfASignedInUser_EndsTheSessionWithinTwoSeconds()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var reader = portal.Services.GetRequiredService<TokenReader>();
        await reader.ListAsync(portal.Administrator, new TokenQuery());

        var reset = await CommandProcess.RunAsync(["admin", "reset-password", "test@example.com", "--data-directory", portal.Folder, "--address", "https://portal.example.com"]);

        Assert.True(reset.ExitCode == 0, reset.Errors);
        Assert.Matches("(?m)^https://portal.example.com/new-password#[A-Za-z0-9_-]{43}$", reset.Output);
        portal.Clock.Advance(UserStates.MaximumAge);
        await Assert.ThrowsAsync<SessionEndedException>(() => reader.ListAsync(portal.Administrator, new TokenQuery()));
    }

    [Fact]
    public async Task Rekey_RemoveOld_RunningPortalContinuesWithTheNewKey()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var before = await portal.CreateTokenAsync();

        var rekeyed = (await CommandProcess.RunAsync(["rekey", "--remove-old", "--data-directory", portal.Folder, "--json"])).AssertDone();

        var after = await portal.CreateTokenAsync();
        await using var context = await portal.ContextAsync();
        Assert.All(context.TokenSecrets.Select(secret => secret.Protected), copy => Assert.Equal(rekeyed.GetProperty("key").GetGuid(), EncryptedValue.KeyOf(copy)));
        foreach (var key in (ApiKey[])[before, after])
        {
            var shown = Assert.IsType<RevealOutcome.Shown>(await portal.Tokens.RevealAsync(portal.Administrator, key.Handle, KeySlot.Newest, AuditAction.KeyViewed));
            Assert.Equal(key.ToHeaderValue(), shown.Key.ToHeaderValue());
        }
    }

    [Fact]
    public async Task BackupAndRestore_FullDisk_SaySoAndLeaveNothing()
    {
        await using var disk = await SmallDisk.MountAsync();
        using var folder = new TemporaryDirectory();
        await StoredData.WithTokenAsync(folder.Path);
        var file = Path.Combine(folder.Path, "a.portal");
        await BackupWriter.CreateAsync(DataDirectory.Beside(folder.Path), file, Secret, TimeProvider.System, iterations: 1);
        var target = Path.Combine(disk.Path, "data");
        Directory.CreateDirectory(target);
        disk.Fill();

        (await CommandProcess.RunAsync(["restore", file, "--data-directory", target], Passphrase)).AssertFailed("The disk is full");

        Assert.DoesNotContain(Directory.GetFileSystemEntries(target), path => Path.GetFileName(path) != "portal.lock");
        (await CommandProcess.RunAsync(["backup", Path.Combine(target, "b.portal"), "--data-directory", folder.Path], Passphrase)).AssertFailed("The disk is full");
        Assert.DoesNotContain(Directory.GetFileSystemEntries(target), path => Path.GetFileName(path) != "portal.lock");
        Assert.DoesNotContain(Directory.GetFiles(folder.Path), path => path.Contains("backup", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_UpstreamThatIsDown_FailsAndSaysWhatToDo()
    {
        using var folder = new TemporaryDirectory();
        await StoredData.WithTokenAsync(folder.Path);

        // Nobody listens on the port of TCP's multiplexer.
        var checkedUp = await CommandProcess.RunAsync(["doctor", "--data-directory", folder.Path], new Dictionary<string, string>
        {
            ["Catalog__Modules__0__Upstream__Destinations__0"] = "http://127.0.0.1:1",
        });

        Assert.Equal(1, checkedUp.ExitCode);
        Assert.Matches(@"(?m)^failure +upstreams +http://127\.0\.0\.1:1 can't be reached .*Start it, or correct its address.$", checkedUp.Output);
        Assert.Matches("(?m)^ok +key ring ", checkedUp.Output);
    }

    private static async Task AssertKeysWorkAsync(string folder, IEnumerable<string> keys)
    {
        await using var portal = new PortalHost("Development", null, folder);
        await portal.InitializeAsync();
        foreach (var header in keys)
        {
            var handle = HandleOf(header);
            using var answer = await portal.SendAsync(header, "/public/v1/agreements");
            var token = await portal.Services.GetRequiredService<TokenReader>().FindAsync(portal.Administrator, handle);
            Assert.Equal(token!.StoredStatus == StoredStatus.Active ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
            if (token.StoredStatus == StoredStatus.Deleted)
                continue;
            var revealed = await portal.Tokens.RevealAsync(portal.Administrator, handle, KeySlot.Newest, AuditAction.KeyViewed);
            Assert.Equal(header, Assert.IsType<RevealOutcome.Shown>(revealed).Key.ToHeaderValue());
        }
    }

    private static string HandleOf(string header)
    {
        Assert.True(ApiKey.TryParse(header, out var handle, out _));
        return handle.ToString();
    }
}
