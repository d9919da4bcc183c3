using Portal.Secrets;

namespace Portal.Commands.Backups;

/// <summary>Reads the passphrase of a backup from a file or the environment. Arguments of a process can be read by all users of the machine.</summary>
internal static class Passphrase
{
    public const string Variable = "PORTAL_BACKUP_PASSPHRASE";

    /// <summary>Of a passphrase for a new backup, in characters.</summary>
    public const int Shortest = PassphraseKey.Shortest;

    private const int LongestFile = 64 * 1024;

    /// <param name="file">Null: the environment variable.</param>
    /// <exception cref="CommandException">There is none; the message says what to do.</exception>
    public static string Read(string? file)
    {
        var passphrase = file is null ? Environment.GetEnvironmentVariable(Variable) : ReadFile(file);
        return string.IsNullOrEmpty(passphrase)
            ? throw new CommandException(
                file is null
                    ? $"There is no passphrase. Put it into the environment variable {Variable}, or into a file that you name with --passphrase-file."
                    : $"The passphrase file {file} is empty. Put the passphrase into its first line.",
                ExitCode.WrongUsage)
            : passphrase;
    }

    /// <summary>Reads the passphrase for a new backup.</summary>
    /// <inheritdoc cref="Read"/>
    public static string ReadForNewBackup(string? file) => Read(file) is { Length: >= Shortest } passphrase
        ? passphrase
        : throw new CommandException(
            $"The passphrase is too short: anyone who has the backup can guess it. Use at least {Shortest} characters, for example the output of openssl rand -base64 24.", ExitCode.WrongUsage);

    private static string ReadFile(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > LongestFile })
            throw new CommandException($"The passphrase file {path} is too large. Put the passphrase into its first line.", ExitCode.WrongUsage);
        using var file = File.OpenText(path);
        return file.ReadLine() ?? "";
    }
}
