using Npgsql;

namespace Portal.Data.Postgres;

/// <summary>Classifies exceptions by PostgreSQL's error codes, see https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
internal static class PostgresErrors
{
    /// <summary>The prefix of errors of the disk or the system.</summary>
    private const string SystemErrors = "58";

    /// <summary>The prefix of errors of the connection, also of those that a pooler reports.</summary>
    private const string ConnectionErrors = "08";

    private const string IdleInTransactionTimeout = "25P03", IdleSessionTimeout = "57P05";

    /// <returns>Null if neither the exception nor an inner one is of PostgreSQL.</returns>
    public static DatabaseFailure? Classify(Exception? exception) => Find(exception) switch
    {
        null => null,
        PostgresException { SqlState: var state } => Classify(state),
        // No answer: the server can't be reached, or is too slow.
        _ => DatabaseFailure.Unreachable,
    };

    /// <summary>Whether a row was refused because another one has the same value in the index.</summary>
    public static bool IsDuplicateOf(Exception? exception, string index) =>
        Find(exception) is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: var constraint } && constraint == index;

    /// <summary>Whether another attempt on a new connection can succeed.</summary>
    public static bool IsTransient(Exception exception) => Find(exception) is { IsTransient: true };

    /// <summary>Whether no server accepts connections, as while one takes over from another. A server that doesn't answer in time isn't away.</summary>
    public static bool IsServerAway(Exception exception) => Find(exception) switch
    {
        null => false,
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            || state.StartsWith(ConnectionErrors, StringComparison.Ordinal),
        var failure => !HasTimeout(failure),
    };

    /// <summary>The advice for a database that can't be opened; null for other exceptions.</summary>
    public static string? Advice(Exception exception) => Find(exception) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"PostgreSQL refuses the user or password of the connection string: correct it in {DatabaseChoice.FileSetting} or {DatabaseChoice.ConnectionStringSetting}.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            "The database of the connection string doesn't exist: create it (CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0), or correct its name.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            "The user of the connection string may not create tables: make it the owner of the database, then start Portal again.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            "The PostgreSQL server can't be written. If it is a standby, name the primary in the connection string, or all servers. If it is the primary, default_transaction_read_only is on: turn it off for the server, the database and the user, then start Portal again.",
        PostgresException { SqlState: PostgresErrorCodes.UndefinedObject, MessageText: var message } when message.Contains("gin_trgm_ops", StringComparison.Ordinal) =>
            "The extension pg_trgm is in a schema that the Search Path of the connection string doesn't contain: add that schema, usually public, as in Search Path=app,public, then start Portal again.",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "The disk of the PostgreSQL server is full: free some space, then start Portal again.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            "The PostgreSQL server has no free connection for Portal: raise its max_connections or the connection limits of the role and the database, or lower Maximum Pool Size in the connection string.",
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
            "Another program uses tables of the database that this version of Portal has to update: wait until it has ended, such as pg_dump, then start Portal again.",
        PostgresException => null,
        { } other => $"PostgreSQL cannot be reached ({other.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.')}): start the server, or correct the connection string.",
        _ => null,
    };

    private static DatabaseFailure Classify(string state) => state switch
    {
        PostgresErrorCodes.UniqueViolation => DatabaseFailure.Duplicate,
        PostgresErrorCodes.ForeignKeyViolation => DatabaseFailure.Orphan,
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure =>
            DatabaseFailure.Locked,
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege => DatabaseFailure.ReadOnly,
        PostgresErrorCodes.DiskFull => DatabaseFailure.Full,
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => DatabaseFailure.Damaged,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => DatabaseFailure.Unreachable,
        PostgresErrorCodes.TooManyConnections => DatabaseFailure.NoConnection,
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName => DatabaseFailure.Rejected,
        // This process paused for so long that the server ended the transaction. Nothing was changed.
        IdleInTransactionTimeout or IdleSessionTimeout => DatabaseFailure.Unreachable,
        _ when state.StartsWith(ConnectionErrors, StringComparison.Ordinal) => DatabaseFailure.Unreachable,
        _ when state.StartsWith(SystemErrors, StringComparison.Ordinal) => DatabaseFailure.InputOutput,
        _ => DatabaseFailure.Other,
    };

    private static bool HasTimeout(Exception? exception) =>
        exception is TimeoutException
        || (exception is AggregateException several ? several.InnerExceptions.Any(HasTimeout) : exception?.InnerException is { } inner && HasTimeout(inner));

    private static NpgsqlException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is NpgsqlException postgres)
                return postgres;
        return null;
    }
}
