using Portal.Secrets;

namespace Portal.Data;

/// <summary>The kinds of databases that Portal can use.</summary>
public enum DatabaseKind
{
    /// <summary>A file in the data directory, which one process uses.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, which several processes can share.</summary>
    Postgres,
}

/// <summary>The configured database.</summary>
/// <param name="ConnectionString">How to connect to the server; empty for SQLite. It can contain a password.</param>
internal sealed record DatabaseChoice(DatabaseKind Kind, string ConnectionString)
{
    public const string KindSetting = "Portal:Database", ConnectionStringSetting = "Portal:ConnectionString", FileSetting = "Portal:ConnectionStringFile";

    public bool IsPostgres => Kind == DatabaseKind.Postgres;

    /// <exception cref="SecretException">A setting is missing or can't be used; the message says what to do.</exception>
    public static DatabaseChoice Load(IConfiguration configuration)
    {
        var (kind, given, file) = (configuration[KindSetting], configuration[ConnectionStringSetting], configuration[FileSetting]);
        if (!Enum.TryParse<DatabaseKind>(kind, ignoreCase: true, out var chosen) && !string.IsNullOrWhiteSpace(kind))
            throw new SecretException($"{KindSetting} is {kind}. Set it to {nameof(DatabaseKind.Sqlite)} or {nameof(DatabaseKind.Postgres)}.");
        var hasConnection = !string.IsNullOrWhiteSpace(given) || !string.IsNullOrWhiteSpace(file);
        if (chosen == DatabaseKind.Sqlite)
            return !hasConnection
                ? new DatabaseChoice(DatabaseKind.Sqlite, "")
                : throw new SecretException($"A connection string is set, but {KindSetting} isn't {nameof(DatabaseKind.Postgres)}. Set both, or remove the connection string.");
        if (!hasConnection)
            throw new SecretException($"{KindSetting} is {nameof(DatabaseKind.Postgres)}, but there is no connection string. Set {FileSetting} or {ConnectionStringSetting}.");
        if (!string.IsNullOrWhiteSpace(given) && !string.IsNullOrWhiteSpace(file))
            throw new SecretException($"{FileSetting} and {ConnectionStringSetting} are both set. Remove one of them.");
        return new DatabaseChoice(DatabaseKind.Postgres, string.IsNullOrWhiteSpace(file) ? given! : SecretFile.Read(file, FileSetting));
    }

    /// <summary>Doesn't print the connection string.</summary>
    public override string ToString() => Kind.ToString();
}
