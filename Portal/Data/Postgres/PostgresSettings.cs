using Npgsql;
using Portal.Secrets;

namespace Portal.Data.Postgres;

/// <summary>Checks connection strings when the configuration is read, so that no other code meets one that can't be used.</summary>
internal static class PostgresSettings
{
    private const int HighestPort = 65_535, AnySeconds = 1;

    /// <summary>Checks the connection string for changes.</summary>
    /// <param name="setting">The setting that has it.</param>
    /// <returns>The connection string.</returns>
    /// <exception cref="SecretException">It can't be used; the message says what to do.</exception>
    public static string Require(string connectionString, string setting) => Require(connectionString, setting, text =>
    {
        PostgresDatabase.Connect(text).Dispose();
        PostgresDatabase.ConnectToListen(text, AnySeconds).Dispose();
        PostgresDatabase.ConnectForTurns(text).Dispose();
    });

    /// <summary>Checks the connection string for reads of keys.</summary>
    /// <inheritdoc cref="Require(string, string)"/>
    public static string RequireReplica(string connectionString, string setting) =>
        Require(connectionString, setting, text => PostgresDatabase.ConnectReplica(text).Dispose());

    private static string Require(string connectionString, string setting, Action<string> connect)
    {
        try
        {
            // The provider checks some values only when it gets a connection string.
            connect(connectionString);
            if (!HasValidPorts(new NpgsqlConnectionStringBuilder(connectionString)))
                throw new FormatException();
            return connectionString;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException or OverflowException or InvalidOperationException)
        {
            // Neither the exception nor its message goes on: they can contain a part of the password.
            throw new SecretException(
                $"The connection string in {setting} has an unknown form. Write it like Host=db.example.com;Database=portal;Username=portal;Password=…, and put quotation marks around a value with a semicolon.");
        }
    }

    private static bool HasValidPorts(NpgsqlConnectionStringBuilder settings) =>
        settings.Port <= HighestPort
        && PostgresServers.PortsOf(settings).ToList() is [_, ..] ports && ports.TrueForAll(port => port is > 0 and <= HighestPort);
}
