using System.Formats.Tar;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Commands;
using Portal.Commands.Backups;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Support;

namespace Portal.Tests.Commands.Backups;

/// <summary>Backups of a data directory with one token: created, checked and restored.</summary>
public sealed class BackupFileTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryDirectory _place = new();

    private string Data => Path.Combine(_place.Path, "data");
    private string Database => Path.Combine(Data, "portal.db");
    private string BackupPath => Path.Combine(_place.Path, "a.portal");
    private string Target => Path.Combine(_place.Path, "restored");

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Verify_NewBackup_SaysWhatIsInIt()
    {
        await BackUpAsync();

        var summary = await BackupReader.VerifyAsync(BackupPath, Passphrase);

        Assert.Equal((1, 1, 1, true), (summary.Tokens, summary.Users, summary.KeyRingKeys, summary.StoredKeysReadable));
        Assert.EndsWith("_AuditStream", summary.Migration, StringComparison.Ordinal);
        Assert.Equal(["a.portal", "data"], Directory.GetFileSystemEntries(_place.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(Data), path => path.Contains("backup", StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(BackupPath));
    }

    [Fact]
    public async Task Restore_EmptyDirectory_HasTheSameKeysForItsOwnerOnly()
    {
        await BackUpAsync();

        await BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target);

        Assert.Equal(await FilesAsync(Path.Combine(Data, "keys")), await FilesAsync(Path.Combine(Target, "keys")));
        Assert.Equal(["keys", "portal.db", "portal.lock"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(DataDirectory.Beside(Target).FindOpenToOthers());
        Assert.Null(DatabaseFile.FindDamage(Path.Combine(Target, "portal.db")));
    }

    [Fact]
    public async Task Create_FileExists_IsNotOverwritten()
    {
        await File.WriteAllTextAsync(BackupPath, "precious", TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<CommandException>(BackUpAsync);

        Assert.Contains("exists already", refused.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(BackupPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Create_WhileAnotherBackupRuns_IsRefused()
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        await using (new FileStream(Path.Combine(Data, "portal.backup.lock"), FileMode.Create, FileAccess.Write, FileShare.None))
            Assert.Contains("Another backup", (await Assert.ThrowsAsync<CommandException>(BackUpAsync)).Message, StringComparison.Ordinal);
        // What a killed backup left doesn't matter.
        await File.WriteAllTextAsync(Path.Combine(Data, "portal.backup.db"), "a part", TestContext.Current.CancellationToken);
        await BackUpAsync();
    }

    [Fact]
    public async Task Create_DamagedDatabase_IsRefused()
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        await using (var file = new FileStream(Database, FileMode.Open, FileAccess.Write))
            for (var at = 4096L; at < file.Length; at += 4096)
            {
                file.Position = at;
                await file.WriteAsync(Enumerable.Repeat((byte)0x5A, 2048).ToArray(), TestContext.Current.CancellationToken);
            }

        await Assert.ThrowsAnyAsync<Exception>(BackUpAsync);

        Assert.False(File.Exists(BackupPath));
        Assert.False(File.Exists(BackupPath + ".incomplete"));
    }

    [Fact]
    public async Task Restore_DirectoryInUseOrNotEmpty_IsRefused()
    {
        await BackUpAsync();
        var before = await FilesAsync(Data);

        var refused = await Assert.ThrowsAsync<CommandException>(() => BackupRestorer.RestoreAsync(BackupPath, Passphrase, Data));
        Assert.Contains("is not empty", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await FilesAsync(Data));
        using (DataDirectory.Open(Target))
            await Assert.ThrowsAsync<DataDirectoryException>(() => BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target));
    }

    [Fact]
    public async Task Restore_DamagedBackup_LeavesTheDirectoryEmpty()
    {
        await BackUpAsync();
        await using (var file = new FileStream(BackupPath, FileMode.Open, FileAccess.ReadWrite))
            file.SetLength(file.Length - 1);

        await Assert.ThrowsAsync<BackupException>(() => BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target));

        Assert.Equal(["portal.lock"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Restore_Canceled_LeavesTheDirectoryEmpty()
    {
        await BackUpAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target, cancellation: new CancellationToken(canceled: true)));
        Assert.Equal(["portal.lock"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName));
    }

    /// <summary>As after a kill between the two moves.</summary>
    [Fact]
    public async Task Restore_AfterAnInterruptedRestore_StartsAgain()
    {
        await BackUpAsync();
        Directory.CreateDirectory(Path.Combine(Target, "portal.restore"));
        Directory.CreateDirectory(Path.Combine(Target, "keys"));
        await File.WriteAllTextAsync(Path.Combine(Target, "keys", "key-old.xml"), "<key/>", TestContext.Current.CancellationToken);

        await BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target);

        Assert.Equal(await FilesAsync(Path.Combine(Data, "keys")), await FilesAsync(Path.Combine(Target, "keys")));
    }

    [Fact]
    public async Task Verify_BackupOfANewerVersion_SaysSo()
    {
        await BackUpAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20990101000000_Later', '20.0.0')""");
        var refused = await Assert.ThrowsAsync<BackupException>(() => BackupReader.VerifyAsync(BackupPath, Passphrase));
        Assert.Contains("a newer version of Portal (it has 20990101000000_Later)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_KeyRingOfAnotherInstallation_SaysThatKeysCannotBeViewed()
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        Directory.Delete(Path.Combine(Data, "keys"), recursive: true);
        await BackUpAsync();
        Assert.False((await BackupReader.VerifyAsync(BackupPath, Passphrase)).StoredKeysReadable);
    }

    /// <summary>The backup contains the key ring as it is. Its passphrase isn't in the backup.</summary>
    [Theory]
    [InlineData("the key ring's passphrase", true)]
    [InlineData("another passphrase", null)]
    [InlineData("", null)]
    public async Task Verify_EncryptedKeyRing_ReadsItWithItsPassphraseOnly(string configured, bool? isReadable)
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        await using (var portal = await TestPortal.CreateAsync(Data, SettingsOf("the key ring's passphrase")))
            portal.Services.GetRequiredService<KeyRingEncryption>().Encrypt();
        await BackUpAsync();
        var secrets = KeyRingSecrets.Load(new ConfigurationBuilder().AddInMemoryCollection(SettingsOf(configured)).Build());

        var summary = await BackupRestorer.RestoreAsync(BackupPath, Passphrase, Target, secrets);

        Assert.Equal((true, isReadable), (summary.KeyRingEncrypted, summary.StoredKeysReadable));
        Assert.Contains(isReadable is null ? "unknown. The key ring is encrypted" : "can be viewed after a restore, with", string.Join('\n', summary.Describe()), StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> SettingsOf(string passphrase) => new() { ["Portal:KeyRing:Passphrase"] = passphrase };

    /// <summary>Someone who knows the passphrase could create it.</summary>
    [Theory]
    [InlineData("../outside")]
    [InlineData("keys/../../outside")]
    [InlineData("keys/..")]
    [InlineData("/tmp/outside")]
    [InlineData("other.db")]
    public async Task Extract_UnexpectedEntry_IsRefused(string name)
    {
        Directory.CreateDirectory(Target);
        using (var key = BackupKey.Create(Passphrase, iterations: 1))
        await using (var file = File.Create(BackupPath))
        await using (var encrypting = new EncryptingStream(file, key))
        {
            await using (var tar = new TarWriter(encrypting, TarEntryFormat.Pax, leaveOpen: true))
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) }, TestContext.Current.CancellationToken);
            encrypting.Complete();
        }

        var refused = await Assert.ThrowsAsync<BackupException>(() => BackupReader.ExtractAsync(BackupPath, Passphrase, Target));

        Assert.Contains("unexpected entry", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_place.Path, "outside")));
    }

    [Theory]
    [InlineData("is not a backup of Portal", "some text that is longer than the header of a backup, which has seventy-seven bytes")]
    [InlineData("is not a backup of Portal", "x")]
    [InlineData("is empty", "")]
    [InlineData("is incomplete or was changed", "PORTALBK")]
    public async Task VerifyCommand_OtherFile_FailsWithOneLine(string expected, string content)
    {
        await File.WriteAllTextAsync(BackupPath, content, TestContext.Current.CancellationToken);
        var passphrase = await PassphraseFileAsync();
        (await ProgramRun.RunCommandAsync("verify", BackupPath, "--passphrase-file", passphrase)).AssertFailed(expected);
    }

    [Fact]
    public async Task BackupCommand_PassphraseMissingOrShort_FailsWithOneLine()
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        (await ProgramRun.RunCommandAsync("backup", BackupPath, "--data-directory", Data)).AssertFailed("There is no passphrase", exitCode: 2);
        (await ProgramRun.RunCommandAsync("backup", BackupPath, "--data-directory", Data, "--passphrase-file", await PassphraseFileAsync("short")))
            .AssertFailed("The passphrase is too short", exitCode: 2);
        (await ProgramRun.RunCommandAsync("backup", BackupPath, "--data-directory", Data, "--passphrase-file", Data + "/none")).AssertFailed("Could not find file");
    }

    [Fact]
    public async Task Commands_BackupVerifyRestore_PrintJson()
    {
        await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        var passphrase = await PassphraseFileAsync();

        var created = await ProgramRun.RunCommandAsync("backup", BackupPath, "--data-directory", Data, "--passphrase-file", passphrase, "--json");
        var verified = await ProgramRun.RunCommandAsync("verify", BackupPath, "--passphrase-file", passphrase, "--json");
        var restored = await ProgramRun.RunCommandAsync("restore", BackupPath, "--data-directory", Target, "--passphrase-file", passphrase, "--json");

        Assert.Equal(new FileInfo(BackupPath).Length, created.AssertDone().GetProperty("bytes").GetInt64());
        Assert.Equal(1, verified.AssertDone().GetProperty("tokens").GetInt64());
        Assert.True(restored.AssertDone().GetProperty("storedKeysReadable").GetBoolean());
    }

    private async Task BackUpAsync() => await BackUpAsync("SELECT 1");

    private async Task BackUpAsync(string sql)
    {
        if (!Directory.Exists(Data))
            await StoredData.WithTokenAsync(Directory.CreateDirectory(Data).FullName);
        await using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }

        await BackupWriter.CreateAsync(DataDirectory.Beside(Data), BackupPath, Passphrase, TimeProvider.System, iterations: 1);
    }

    private async Task<string> PassphraseFileAsync(string passphrase = Passphrase)
    {
        var path = Path.Combine(_place.Path, "passphrase");
        await File.WriteAllTextAsync(path, passphrase + "\n", TestContext.Current.CancellationToken);
        return path;
    }

    private static async Task<Dictionary<string, string>> FilesAsync(string folder)
    {
        var files = new Dictionary<string, string>();
        foreach (var path in Directory.GetFiles(folder))
            files.Add(Path.GetFileName(path), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path))));
        return files;
    }
}
