using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data.KeyRing;

namespace Portal.Data.Postgres;

/// <summary>Stores the keys in a table. The framework reads and writes keys synchronously.</summary>
/// <remarks>Not part of the model: the keys are no data of an account, and a change of them needs no place in the <see cref="WriteQueue"/>.</remarks>
internal sealed class PostgresKeyStore(IDbContextFactory<PortalDbContext> contexts) : IKeyStore
{
    public bool IsShared => true;

    public string Location => "the database";

    public string Advice => "Check that the PostgreSQL server can be reached and written.";

    public string RemovalAdvice(string? name) => name is null
        ? """copy the rows of the table "InstallationKeys" whose "Name" begins with key- to a safe place and delete them"""
        : $"""copy its row of the table "InstallationKeys" ("Name" = '{name}') to a safe place and delete it""";

    public string RingVersion => Run(
        """SELECT COALESCE(sum("Version"), 0) || ' ' || count(*) FROM "InstallationKeys" WHERE "Name" LIKE 'key-%'""",
        command => Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!);

    public IReadOnlyList<StoredKey> Read(string prefix, string suffix) => Run(
        """SELECT "Name", "Content" FROM "InstallationKeys" WHERE "Name" <> @marker AND starts_with("Name", @prefix) AND right("Name", length(@suffix)) = @suffix ORDER BY "Name" """,
        command =>
        {
            using var rows = command.ExecuteReader();
            var keys = new List<StoredKey>();
            while (rows.Read())
                keys.Add(new StoredKey(rows.GetString(0), rows.GetFieldValue<byte[]>(1)));
            return keys;
        },
        ("@prefix", prefix), ("@suffix", suffix), ("@marker", PostgresRotationMarker.Name));

    public void Write(string name, byte[] content) => Run(
        """
        INSERT INTO "InstallationKeys" ("Name", "Content", "Version") VALUES (@name, @content, 1)
        ON CONFLICT ("Name") DO UPDATE SET "Content" = excluded."Content", "Version" = "InstallationKeys"."Version" + 1
        """,
        command => command.ExecuteNonQuery(), ("@name", name), ("@content", content));

    public void Remove(string name) => Run("""DELETE FROM "InstallationKeys" WHERE "Name" = @name""", command => command.ExecuteNonQuery(), ("@name", name));

    public void RunAlone(Action action)
    {
        using var context = contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand(PostgresStatements.LockKeys);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
        action();
        transaction.Commit();
    }

    IRotationMarker? IKeyStore.TryBeginRotation() => PostgresRotationMarker.TryOpen(contexts);

    private T Run<T>(string statement, Func<DbCommand, T> run, params (string Name, object Value)[] parameters)
    {
        using var context = contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var command = connection.CreateCommand(statement, parameters);
        return run(command);
    }
}
