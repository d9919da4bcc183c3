using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>The database cannot be used; the message says what to do.</summary>
public sealed class DatabaseUnusableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Classifies exceptions of the database, for every provider.</summary>
public static class DatabaseErrors
{
    /// <summary>Whether a row was refused because another one has the same unique value.</summary>
    public static bool IsDuplicate(DbUpdateException exception) => Classify(exception.InnerException) == DatabaseFailure.Duplicate;

    /// <summary>Whether a token was refused because another token of its account has the same name.</summary>
    public static bool IsNameTaken(DbUpdateException exception) =>
        SqliteErrors.IsDuplicateOf(exception.InnerException, "Tokens", nameof(Token.NameKey)) || PostgresErrors.IsDuplicateOf(exception.InnerException, "IX_Tokens_AccountId_NameKey");

    /// <summary>Whether a row was refused because its parent row doesn't exist.</summary>
    public static bool IsOrphan(Exception exception) => Classify(exception) == DatabaseFailure.Orphan;

    /// <summary>Whether the exception indicates that the database file is damaged.</summary>
    public static bool IsDamage(Exception exception) => Classify(exception) == DatabaseFailure.Damaged;

    /// <summary>The advice for a database that can't be opened; null for other exceptions.</summary>
    public static string? Advice(Exception exception, string path) => Classify(exception) switch
    {
        DatabaseFailure.Locked => $"The database {path} is locked by another program: stop it, then start Portal again.",
        DatabaseFailure.ReadOnly => $"The database {path} is read-only: give this user write access to the file and its folder, then start Portal again.",
        DatabaseFailure.CannotOpen => $"The database {path} cannot be opened: check that the folder exists and that this user may write to it.",
        DatabaseFailure.Damaged => Damaged(path),
        DatabaseFailure.Full => $"The disk that holds {path} is full: free some space, then start Portal again.",
        DatabaseFailure.InputOutput => $"The database {path} cannot be read or written (input/output error): check the disk, then start Portal again.",
        _ => null,
    };

    internal static string Damaged(string path) => $"The file {path} is not an intact SQLite database: restore it from a backup, or move it away to start over.";

    /// <summary>The reason why a change couldn't be stored, for the person who made it; null for other failures.</summary>
    public static string? Cause(Exception exception) =>
        Find(exception)?.Describe();

    /// <summary>The reason why a running Portal can't use its database; null for other failures.</summary>
    public static DatabaseFault? Find(Exception? exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
            if (inner is DatabaseBusyException { IsHeld: var held })
                return held ? DatabaseFault.Held : DatabaseFault.Overloaded;
            else if (inner is DatabaseSilentException { MayBeStored: var mayBeStored })
                return mayBeStored ? DatabaseFault.Unknown : DatabaseFault.Unreachable;
        return Classify(exception) switch
        {
            DatabaseFailure.Full => DatabaseFault.Full,
            DatabaseFailure.Locked => DatabaseFault.Held,
            DatabaseFailure.ReadOnly => DatabaseFault.ReadOnly,
            DatabaseFailure.InputOutput or DatabaseFailure.CannotOpen => DatabaseFault.Unreadable,
            DatabaseFailure.Unreachable => DatabaseFault.Unreachable,
            DatabaseFailure.NoConnection => DatabaseFault.NoConnection,
            DatabaseFailure.Rejected => DatabaseFault.Rejected,
            _ => null,
        };
    }

    /// <summary>Whether the operation can succeed if it is repeated on a new connection.</summary>
    internal static bool IsConnectionLost(Exception exception) => PostgresErrors.IsTransient(exception);

    /// <returns>Null if the exception isn't one of a database.</returns>
    private static DatabaseFailure? Classify(Exception? exception) => SqliteErrors.Classify(exception) ?? PostgresErrors.Classify(exception);
}
