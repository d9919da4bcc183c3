using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary>What <c>Portal doctor</c> finds in a data directory with one token.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Doctor_IntactInstallation_FindsNoFailureAndChangesNothing()
    {
        await StoredData.WithTokenAsync(_folder.Path);
        await ExecuteAsync("UPDATE Installation SET LastKnownAt = datetime('now')");
        DataDirectory.Beside(_folder.Path).MakePrivate();
        var before = Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

        var (exitCode, findings) = await RunAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal(["clock", "configuration", "data directory", "database", "disk space", "key ring", "mail", "migrations", "rate limits", "unsafe settings"], findings.Where(found => found.Status == "ok").Select(found => found.Check).Order(StringComparer.Ordinal));
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("newer", "migrations", "failure", "was created by a newer version of Portal")]
    [InlineData("older", "migrations", "warning", "The next start of Portal updates the database")]
    [InlineData("behind", "clock", "failure", "Correct the clock. If it is right, start Portal once with --accept-clock.")]
    [InlineData("ahead", "clock", "warning", "If the clock is wrong, correct it.")]
    [InlineData("other key ring", "key ring", "failure", "Restore it from a backup")]
    [InlineData("no key ring", "key ring", "failure", "Restore it from a backup")]
    [InlineData("open to others", "data directory", "warning", "Run chmod go= on these paths")]
    [InlineData("damaged", "database", "failure", "restore")]
    [InlineData("encrypted key ring", "key encryption", "failure", "Set Portal:KeyRing:PassphraseFile")]
    [InlineData("unencrypted key ring", "key encryption", "warning", "Set Portal:KeyRing:PassphraseFile")]
    [InlineData("no database", "data directory", "failure", "There is no Portal in")]
    public async Task Doctor_Fault_IsFoundWithAdvice(string fault, string check, string status, string advice)
    {
        await StoredData.WithTokenAsync(_folder.Path);
        await CauseAsync(fault);

        var (exitCode, findings) = await RunAsync();

        var found = findings.Single(found => found.Check == check);
        Assert.True((status, exitCode) == (found.Status, status == "failure" ? 1 : 0), $"{exitCode} {found}");
        Assert.Contains(advice, found.Message, StringComparison.OrdinalIgnoreCase);
    }

    private async Task CauseAsync(string fault)
    {
        var (database, keys) = (Path.Combine(_folder.Path, "portal.db"), Path.Combine(_folder.Path, "keys"));
        await (fault switch
        {
            "newer" => ExecuteAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20990101000000_Later', '20.0.0')"""),
            "older" => ExecuteAsync("""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%_AuditStream'"""),
            "behind" => ExecuteAsync("UPDATE Installation SET LastKnownAt = datetime('now', '+2 hours')"),
            "ahead" => ExecuteAsync("UPDATE Installation SET LastKnownAt = datetime('now', '-40 days'); DROP TRIGGER TR_AuditEntries_Delete; DELETE FROM AuditEntries"),
            _ => Task.CompletedTask,
        });
        if (fault is "other key ring" or "no key ring")
            Directory.Delete(keys, recursive: true);
        if (fault == "other key ring")
        {
            using var other = new TemporaryDirectory();
            await using (var portal = await TestPortal.CreateAsync(other.Path))
                await portal.CreateAsync();
            Directory.Move(Path.Combine(other.Path, "keys"), keys);
        }

        if (fault == "encrypted key ring")
            await using (var portal = await TestPortal.CreateAsync(_folder.Path, new() { ["Portal:KeyRing:Passphrase"] = "a passphrase that is lost" }))
                portal.Services.GetRequiredService<KeyRingEncryption>().Encrypt();
        if (fault == "open to others" && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        if (fault == "no database")
            File.Delete(database);
        if (fault != "damaged")
            return;
        await using var file = new FileStream(database, FileMode.Open, FileAccess.Write);
        file.Position = 4096 * 3;
        await file.WriteAsync(Enumerable.Repeat((byte)0x5A, 4096).ToArray(), TestContext.Current.CancellationToken);
    }

    private async Task<(int ExitCode, List<Found> Findings)> RunAsync()
    {
        var result = await ProgramRun.RunCommandAsync("doctor", "--json", "--data-directory", _folder.Path);
        using var json = System.Text.Json.JsonDocument.Parse(result.Output);
        return (result.ExitCode, [.. json.RootElement.EnumerateArray().Select(found => new Found(
            found.GetProperty("check").GetString()!, found.GetProperty("status").GetString()!, found.GetProperty("message").GetString()!))]);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var context = StoredData.Open(_folder.Path);
        await context.Database.ExecuteSqlRawAsync(sql, TestContext.Current.CancellationToken);
    }

    private sealed record Found(string Check, string Status, string Message);
}
