using Microsoft.Data.Sqlite;

namespace Portal.Data.Sqlite;

/// <summary>Classifies exceptions by SQLite's result codes, see https://www.sqlite.org/rescode.html.</summary>
internal static class SqliteErrors
{
    /// <summary>Primary codes.</summary>
    public const int Busy = 5, Interrupted = 9;

    private const int Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Extended codes.</summary>
    private const int UniqueConstraint = 2067, PrimaryKeyConstraint = 1555, ForeignKeyConstraint = 787;

    /// <returns>Null if neither the exception nor an inner one is SQLite's.</returns>
    public static DatabaseFailure? Classify(Exception? exception) => Find(exception) switch
    {
        null => null,
        { SqliteExtendedErrorCode: UniqueConstraint or PrimaryKeyConstraint } => DatabaseFailure.Duplicate,
        { SqliteExtendedErrorCode: ForeignKeyConstraint } => DatabaseFailure.Orphan,
        { SqliteErrorCode: Busy or Locked } => DatabaseFailure.Locked,
        { SqliteErrorCode: ReadOnly } => DatabaseFailure.ReadOnly,
        { SqliteErrorCode: InputOutput } => DatabaseFailure.InputOutput,
        { SqliteErrorCode: CannotOpen } => DatabaseFailure.CannotOpen,
        { SqliteErrorCode: Full } => DatabaseFailure.Full,
        { SqliteErrorCode: Corrupt or NotADatabase } => DatabaseFailure.Damaged,
        _ => DatabaseFailure.Other,
    };

    /// <summary>Whether a row was refused because another one has the same value in the column.</summary>
    public static bool IsDuplicateOf(Exception? exception, string table, string column) =>
        Classify(exception) == DatabaseFailure.Duplicate && Find(exception)!.Message.Contains($"{table}.{column}", StringComparison.Ordinal);

    private static SqliteException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is SqliteException sqlite)
                return sqlite;
        return null;
    }
}
