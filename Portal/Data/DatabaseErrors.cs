using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>The database cannot be used; the message says what to do.</summary>
public sealed class DatabaseUnusableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a provider's exception means, so that nobody outside this folder knows the provider.</summary>
public static class DatabaseErrors
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;
    private const string TokensTable = "Tokens";
    private const int UniqueConstraint = 2067, PrimaryKeyConstraint = 1555, ForeignKeyConstraint = 787;

    /// <summary>Whether a row was refused because another one has the same unique value.</summary>
    public static bool IsDuplicate(DbUpdateException exception) =>
        exception.InnerException is SqliteException { SqliteExtendedErrorCode: UniqueConstraint or PrimaryKeyConstraint };

    /// <summary>Whether a token was refused because another one of its account has the name.</summary>
    public static bool IsNameTaken(DbUpdateException exception) =>
        IsDuplicate(exception) && exception.InnerException!.Message.Contains($"{TokensTable}.{nameof(Token.NameKey)}", StringComparison.Ordinal);

    /// <summary>Whether a row was refused because the one that it belongs to does not exist.</summary>
    public static bool IsOrphan(Exception exception) => FindSqlite(exception) is { SqliteExtendedErrorCode: ForeignKeyConstraint };

    /// <summary>Whether the failure says that the database file is damaged.</summary>
    public static bool IsDamage(Exception exception) => FindSqlite(exception)?.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>What an administrator can do about a database that cannot be opened; null: not such a failure.</summary>
    public static string? Advice(Exception exception, string path) => FindSqlite(exception)?.SqliteErrorCode switch
    {
        null => null,
        Busy or Locked => $"The database {path} is locked by another program: end it, then start Portal again.",
        ReadOnly => $"The database {path} is read-only: give this user write access to the file and its folder, then start Portal again.",
        CannotOpen => $"The database {path} cannot be opened: check that the folder exists and that this user may write to it.",
        NotADatabase or Corrupt => Damaged(path),
        Full => $"The disk that holds {path} is full: free some space, then start Portal again.",
        IoError => $"The database {path} cannot be read or written (input/output error): check the disk, then start Portal again.",
        _ => null,
    };

    internal static string Damaged(string path) => $"The file {path} is not an intact SQLite database: restore it from a backup, or move it away to start anew.";

    /// <summary>Why a running Portal's change could not be stored, for the person who asked for it; null: another failure.</summary>
    public static string? Cause(Exception exception) =>
        Find(exception) is { } fault ? $"{fault.What}, so nothing was saved. {fault.Remedy}, then try again." : null;

    /// <summary>What is the matter with the database that a running Portal uses; null: another failure.</summary>
    public static DatabaseFault? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is DatabaseBusyException { IsHeld: var held })
                return held ? DatabaseFault.Held : DatabaseFault.Crowded;
            else if (exception is SqliteException { SqliteErrorCode: var code })
                return code switch
                {
                    Full => DatabaseFault.Full,
                    Busy or Locked => DatabaseFault.Held,
                    ReadOnly => DatabaseFault.ReadOnly,
                    IoError or CannotOpen => DatabaseFault.Unreadable,
                    _ => null,
                };
        return null;
    }

    private static SqliteException? FindSqlite(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is SqliteException sqlite)
                return sqlite;
        return null;
    }
}
