using System.Data.Common;
using Npgsql;

namespace Portal.Data.Postgres;

/// <summary>Watches a connection for the warning that a commit no longer waits for the synchronous standby.</summary>
/// <remarks>PostgreSQL reports success then, although a failover would lose the change. It does so when the statement is canceled, as by its timeout, and when
/// the server stops.</remarks>
internal sealed class CommitWarning
{
    private volatile bool _wasSeen;

    public static CommitWarning Watch(DbConnection? connection)
    {
        var warning = new CommitWarning();
        if (connection is NpgsqlConnection postgres)
            postgres.Notice += warning.Notice;
        return warning;
    }

    /// <exception cref="DatabaseSilentException">The change may be stored on the primary only.</exception>
    public void EnsureReplicated()
    {
        if (_wasSeen)
            throw new DatabaseSilentException(mayBeStored: true);
    }

    private void Notice(object sender, NpgsqlNoticeEventArgs arguments)
    {
        if (arguments.Notice is { InvariantSeverity: "WARNING", SqlState: PostgresErrorCodes.Warning or PostgresErrorCodes.AdminShutdown })
            _wasSeen = true;
    }
}
