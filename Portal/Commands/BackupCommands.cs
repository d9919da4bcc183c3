using System.CommandLine;
using Portal.Commands.Backups;
using Portal.Data;

namespace Portal.Commands;

/// <summary>The commands that create, check and restore backups.</summary>
internal static class BackupCommands
{
    private const string PassphraseHint = $" The passphrase comes from the environment variable {Passphrase.Variable} or from --passphrase-file.";

    public static Command CreateBackup(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var (file, passphraseFile) = (FileArgument("The file to create. It must not exist."), PassphraseOption());
        var command = new Command("backup", "Writes the database and all keys into one encrypted file. Works while Portal runs." + PassphraseHint) { file, passphraseFile };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (path, passphrase) = (PathOf(parsed, file), Passphrase.ReadForNewBackup(parsed.GetValue(passphraseFile)));
            await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
            if (app.Services.GetRequiredService<DatabaseChoice>().IsPostgres)
                throw new CommandException("Portal backs up only its own files. Back up the PostgreSQL database with pg_dump or with continuous archiving: it contains everything, the keys too.");
            await BackupWriter.CreateAsync(
                app.Services.GetRequiredService<DataDirectory>(), path, passphrase, app.Services.GetRequiredService<TimeProvider>(), cancellation: cancellation);
            var bytes = new FileInfo(path).Length;
            options.Print(parsed, new { file = path, bytes }, [$"Created {path} ({bytes / 1_000_000.0:0.0} MB). Check it with Portal verify, and keep the passphrase elsewhere."]);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateVerify(CommonOptions options)
    {
        var (file, passphraseFile) = (FileArgument("The backup to check."), PassphraseOption());
        var command = new Command("verify", "Decrypts a backup, checks everything in it, and says what it contains. Changes nothing." + PassphraseHint) { file, passphraseFile };
        command.SetAction(async (parsed, cancellation) =>
        {
            var summary = await BackupReader.VerifyAsync(PathOf(parsed, file), Passphrase.Read(parsed.GetValue(passphraseFile)), CommandServices.KeyRingSecrets(), cancellation);
            options.Print(parsed, summary, [$"{summary.File} is intact.", .. summary.Describe()]);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command CreateRestore(CommonOptions options)
    {
        var (file, passphraseFile) = (FileArgument("The backup to restore."), PassphraseOption());
        var command = new Command("restore", "Restores a backup into an empty data directory, completely or not at all. Portal must be stopped." + PassphraseHint) { file, passphraseFile };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (DatabaseChoice.Load(CommandServices.CreateConfiguration()).IsPostgres)
                throw new CommandException($"{DatabaseChoice.KindSetting} is {nameof(DatabaseKind.Postgres)}, but a backup of Portal contains an SQLite database. Remove this setting and the connection string, restore the backup, and then run Portal copy-data to-postgres.");
            var directory = CommandServices.DirectoryOf(parsed, options);
            var summary = await BackupRestorer.RestoreAsync(PathOf(parsed, file), Passphrase.Read(parsed.GetValue(passphraseFile)), directory, CommandServices.KeyRingSecrets(), cancellation);
            options.Print(parsed, summary, [$"Restored {summary.File}. Start Portal, and repeat every change that was made after the backup.", .. summary.Describe()]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string> FileArgument(string description) => new("file") { Description = description };

    private static Option<string?> PassphraseOption() =>
        new("--passphrase-file") { Description = "A file whose first line is the passphrase.", HelpName = "file" };

    private static string PathOf(ParseResult parsed, Argument<string> file) => Path.GetFullPath(parsed.GetRequiredValue(file));
}
