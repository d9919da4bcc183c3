using Portal.Data;
using Portal.Data.Postgres;
using Portal.Hosting;

namespace Portal.Commands;

/// <summary>A command can't do its work; the message says what happened and what to do next.</summary>
public sealed class CommandException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>The exit codes of the commands. They are documented, so they must not change.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The command failed, or it found a fault.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or a value that it needs is missing. Nothing was tried.</summary>
    public const int WrongUsage = 2;
}

/// <summary>Describes failures of commands in one line.</summary>
internal static class CommandFailure
{
    /// <summary>The error codes by which Linux, macOS and Windows report a full disk or an exceeded quota.</summary>
    private static readonly int[] DiskIsFull = [28, 69, 122, unchecked((int)0x80070070)];

    /// <returns>Null for any other exception, which is then reported in full.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        CommandException or Backups.BackupException or DatabaseUnusableException => exception.Message,
        _ when DatabaseErrors.Find(exception) == DatabaseFault.Full || (exception is IOException full && DiskIsFull.Contains(full.HResult)) =>
            $"The disk is full: {exception.Message.TrimEnd('.')}. Free some space, and then run the command again. Nothing was kept.",
        _ when DatabaseErrors.IsDamage(exception) =>
            $"The database is damaged ({exception.GetBaseException().Message.TrimEnd('.')}). Restore it from a backup with Portal restore.",
        _ when DatabaseErrors.Find(exception) is { IsWithoutConnection: true } && PostgresErrors.Advice(exception) is { } unreachable => unreachable,
        _ when DatabaseErrors.Cause(exception) is { } cause => cause,
        _ when StartupFailure.Describe(exception) is { } advice => advice,
        IOException or UnauthorizedAccessException =>
            $"{exception.Message.TrimEnd('.')}. Check the path and its permissions, and then run the command again.",
        _ => null,
    };

    /// <summary>Describes the failure of a command that has already changed something.</summary>
    /// <inheritdoc cref="Describe"/>
    public static string? FindCause(Exception exception) => exception switch
    {
        _ when PostgresErrors.Advice(exception) is { } advice => advice.TrimEnd('.') + ".",
        _ when DatabaseErrors.Find(exception) is { } fault => $"{fault.What}. {fault.Remedy}.",
        _ when DatabaseErrors.IsDamage(exception) => $"The database is damaged ({exception.GetBaseException().Message.TrimEnd('.')}).",
        IOException or UnauthorizedAccessException => $"{exception.Message.TrimEnd('.')}.",
        _ => null,
    };
}
