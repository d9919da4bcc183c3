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

    public string RingVersion => Run(
        """SELECT COALESCE(sum("Version"), 0) || ' ' || count(*) FROM "InstallationKeys" WHERE "Name" LIKE 'key-%'""",
        command => Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!);

    public IReadOnlyList<StoredKey> Read(string prefix, string suffix) => Run(
        """SELECT "Name", "Content" FROM "InstallationKeys" WHERE starts_with("Name", @p0) AND right("Name", length(@p1)) = @p1 ORDER BY "Name" """,
        command =>
        {
            using var rows = command.ExecuteReader();
            var keys = new List<StoredKey>();
            while (rows.Read())
                keys.Add(new StoredKey(rows.GetString(0), rows.GetFieldValue<byte[]>(1)));
            return keys;
        },
        prefix, suffix);

    public void Write(string name, byte[] content) => Run(
        """
        INSERT INTO "InstallationKeys" ("Name", "Content", "Version") VALUES (@p0, @p1, 1)
        ON CONFLICT ("Name") DO UPDATE SET "Content" = excluded."Content", "Version" = "InstallationKeys"."Version" + 1
        """,
        command => command.ExecuteNonQuery(), name, content);

    public void Remove(string name) => Run("""DELETE FROM "InstallationKeys" WHERE "Name" = @p0""", command => command.ExecuteNonQuery(), name);

    public void RunAlone(Action action)
    {
        using var context = contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (PostgresStatements.LockKeys, transaction);
        command.ExecuteNonQuery();
        action();
        transaction.Commit();
    }

    private T Run<T>(string statement, Func<DbCommand, T> run, params object[] values)
    {
        using var context = contexts.CreateDbContext();
        var connection = context.Database.GetDbConnection();
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"p{i}", values[i]);
            command.Parameters.Add(parameter);
        }

        return run(command);
    }
}
