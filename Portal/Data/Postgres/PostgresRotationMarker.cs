using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data.KeyRing;

namespace Portal.Data.Postgres;

/// <summary>Keeps the ID of the new key in a row, so that a run can be continued from any machine.</summary>
/// <remarks>A transaction that stays open holds an advisory lock, so that two machines don't run at once. It works behind a pooler, and ends with the
/// process.</remarks>
internal sealed class PostgresRotationMarker : IRotationMarker
{
    /// <summary>The name of the row. No key has it.</summary>
    public const string Name = "rekey";

    /// <summary>The number of the advisory lock: "rekey" in ASCII.</summary>
    private const long RotationLock = 0x72_656B_6579;

    private readonly PortalDbContext _turn;
    private readonly IDbContextFactory<PortalDbContext> _contexts;

    private PostgresRotationMarker(PortalDbContext turn, IDbContextFactory<PortalDbContext> contexts) => (_turn, _contexts) = (turn, contexts);

    /// <returns>Null if another run is at work.</returns>
    public static PostgresRotationMarker? TryOpen(IDbContextFactory<PortalDbContext> contexts)
    {
        var turn = contexts.CreateDbContext();
        var connection = turn.Database.GetDbConnection();
        connection.Open();
        // It isn't disposed: it ends with its connection.
        var transaction = connection.BeginTransaction();
        using (var limits = connection.CreateCommand(PostgresStatements.WaitWithoutLimit))
        {
            limits.Transaction = transaction;
            limits.ExecuteNonQuery();
        }

        using var command = connection.CreateCommand("SELECT pg_try_advisory_xact_lock(@lock)", ("@lock", RotationLock));
        command.Transaction = transaction;
        if (command.ExecuteScalar() is true)
            return new PostgresRotationMarker(turn, contexts);
        turn.Dispose();
        return null;
    }

    public Guid? Read() => Run(
        """SELECT "Content" FROM "InstallationKeys" WHERE "Name" = @name""",
        command => command.ExecuteScalar() is byte[] { Length: 16 } content ? new Guid(content) : (Guid?)null);

    public void Write(Guid keyId) => Run(
        """
        INSERT INTO "InstallationKeys" ("Name", "Content", "Version") VALUES (@name, @content, 1)
        ON CONFLICT ("Name") DO UPDATE SET "Content" = excluded."Content", "Version" = "InstallationKeys"."Version" + 1
        """,
        command => command.ExecuteNonQuery(), ("@content", keyId.ToByteArray()));

    public void Remove() => Run("""DELETE FROM "InstallationKeys" WHERE "Name" = @name""", command => command.ExecuteNonQuery());

    public void Dispose() => _turn.Dispose();

    private T Run<T>(string statement, Func<DbCommand, T> run, params (string Name, object Value)[] parameters)
    {
        using var context = _contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var command = connection.CreateCommand(statement, [("@name", Name), .. parameters]);
        return run(command);
    }
}
