using System.Globalization;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Postgres;
using Portal.Hosting;

namespace Portal.Commands.Checks;

/// <summary>Checks the data directory and what is in it.</summary>
internal static class DataChecks
{
    private const string Folder = "data directory", Database = "database", Migrations = "migrations", KeyRing = "key ring", Encryption = "key encryption", Clock = "clock", Disk = "disk space";

    /// <summary>In bytes.</summary>
    private const long LittleSpace = 1_000_000_000, AlmostNoSpace = 64_000_000;

    private static readonly TimeSpan NormalCorrection = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Finding>> RunAsync(IServiceProvider services, CancellationToken cancellation)
    {
        if (services.GetRequiredService<DatabaseChoice>() is { IsPostgres: true } choice)
            return await CheckServerAsync(services, choice, cancellation);
        var directory = services.GetRequiredService<DataDirectory>();
        List<Finding> findings = [Try(Folder, () => CheckFolder(directory))];
        if (findings[^1].Status == FindingStatus.Failure)
            return findings;
        findings.Add(Try(Disk, () => CheckSpace(directory)));
        findings.Add(Try(Database, () => CheckDatabase(directory)));
        if (findings[^1].Status == FindingStatus.Failure)
            return findings;
        findings.Add(await TryAsync(Migrations, () => CheckMigrationsAsync(directory)));
        // The services know the tables of this version only.
        if (findings[^1].Status != FindingStatus.Ok)
            return findings;
        findings.Add(Try(Encryption, () => CheckEncryption(services.GetRequiredService<KeyRingEncryption>())));
        if (findings[^1].Status == FindingStatus.Failure)
            return findings;
        findings.Add(await TryAsync(KeyRing, () => CheckKeyRingAsync(services, cancellation)));
        findings.Add(await TryAsync(Clock, () => CheckClockAsync(services, cancellation)));
        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> CheckServerAsync(IServiceProvider services, DatabaseChoice choice, CancellationToken cancellation)
    {
        List<Finding> findings = [await TryAsync(Database, async () =>
        {
            await PostgresDatabase.EnsureCurrentAsync(choice.ConnectionString);
            return Finding.Ok(Database, $"PostgreSQL ({PostgresDatabase.Describe(choice.ConnectionString)}) can be reached, and its schema is up to date.");
        })];
        if (findings[^1].Status == FindingStatus.Failure)
            return findings;
        findings.Add(Try(Encryption, () => CheckEncryption(services.GetRequiredService<KeyRingEncryption>())));
        if (findings[^1].Status == FindingStatus.Failure)
            return findings;
        findings.Add(await TryAsync(KeyRing, () => CheckKeyRingAsync(services, cancellation)));
        findings.Add(await TryAsync(Clock, () => CheckClockAsync(services, cancellation)));
        return findings;
    }

    private static Finding CheckDatabase(DataDirectory directory) => DatabaseFile.FindDamage(directory.Database) is { } damage
        ? Finding.Failure(Database, $"The database is damaged: {damage}. Stop Portal, and restore a backup with Portal restore.")
        : Finding.Ok(Database, $"{directory.Database} is intact.");

    private static Finding CheckFolder(DataDirectory directory)
    {
        directory.EnsureInstalled();
        return directory.FindOpenToOthers() is [_, ..] open
            ? Finding.Warning(Folder, $"Other users of this machine can read {string.Join(", ", open)}. Run chmod go= on these paths, or start Portal as their owner, which does the same.")
            : Finding.Ok(Folder, $"{directory.Path} can be read by its owner only.");
    }

    private static async Task<Finding> CheckMigrationsAsync(DataDirectory directory)
    {
        if (await DatabaseFile.FindObstacleAsync(directory.Database) is { } obstacle)
            return Finding.Failure(Migrations, obstacle);
        return await DatabaseFile.FindPendingAsync(directory.Database) is [_, ..] pending
            ? Finding.Warning(Migrations, $"The next start of Portal updates the database: {string.Join(", ", pending)}. Stop Portal, and keep a copy of the data directory.")
            : Finding.Ok(Migrations, "The database is up to date.");
    }

    private static async Task<Finding> CheckKeyRingAsync(IServiceProvider services, CancellationToken cancellation) =>
        await services.GetRequiredService<KeyRingCheck>().FitsAsync(cancellation)
            ? Finding.Ok(KeyRing, "Stored keys can be decrypted.")
            : Finding.Failure(KeyRing, $"The key ring in {services.GetRequiredService<IKeyStore>().Location} does not fit the database. API keys work, but can't be viewed. Restore it from a backup, or rotate the tokens whose keys you want to view.");

    private static Finding CheckEncryption(KeyRingEncryption files) =>
        files.FindFault() is { } fault ? Finding.Failure(Encryption, fault)
        : files.Encryption is { } secret ? Finding.Ok(Encryption, $"The key ring is encrypted with {secret}.")
        : Finding.Warning(Encryption, $"The key ring is not encrypted: anyone who can read the data can read the stored keys. Set {KeyRingOptions.Section}:PassphraseFile, and start Portal again.");

    private static async Task<Finding> CheckClockAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var now = services.GetRequiredKeyedService<TimeProvider>(MonotonicClock.SystemClock).GetUtcNow().UtcDateTime;
        if (await services.GetRequiredService<ClockKeeper>().ReadLastKnownAsync(cancellation) is not { } known)
            return Finding.Ok(Clock, Say($"The system clock says {now:u}. Portal hasn't kept a time yet."));
        if (known - now > NormalCorrection)
            return Finding.Failure(Clock, Say($"The system clock says {now:u}, which is before {known:u}, the last time known to Portal. Correct the clock. If it is right, start Portal once with {ClockKeeper.AcceptOption}."));
        return now - known > MonotonicClock.LongestStop
            ? Finding.Warning(Clock, Say($"The system clock says {now:u}, but the last time known to Portal is {known:u}. If the clock is wrong, correct it. If it is right, start Portal once with {ClockKeeper.AcceptOption}."))
            : Finding.Ok(Clock, Say($"The system clock says {now:u}. The last time known to Portal is {known:u}."));
    }

    private static Finding CheckSpace(DataDirectory directory)
    {
        var free = new DriveInfo(directory.Path).AvailableFreeSpace;
        var needed = Math.Max(LittleSpace, new FileInfo(directory.Database).Length);
        var left = Say($"The disk of the data directory has {free / 1_000_000:N0} MB left.");
        return free < AlmostNoSpace ? Finding.Failure(Disk, $"{left} Free some space now: without space, Portal can't store changes.")
            : free < needed ? Finding.Warning(Disk, $"{left} Free some space: a backup needs as much as the database for a moment.")
            : Finding.Ok(Disk, left);
    }

    private static Finding Try(string check, Func<Finding> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Finding.Failure(check, Describe(exception));
        }
    }

    private static async Task<Finding> TryAsync(string check, Func<Task<Finding>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Finding.Failure(check, Describe(exception));
        }
    }

    private static string Describe(Exception exception) =>
        CommandFailure.Describe(exception) ?? $"{exception.GetBaseException().Message.TrimEnd('.')}. The log of Portal may say more.";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
