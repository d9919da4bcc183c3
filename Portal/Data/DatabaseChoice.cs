using Portal.Data.Postgres;
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
    public const string KindSetting = "Portal:Database", ConnectionStringSetting = "Portal:ConnectionString", FileSetting = "Portal:ConnectionStringFile",
        ReplicaSetting = "Portal:ReplicaConnectionString", ReplicaFileSetting = "Portal:ReplicaConnectionStringFile";

    /// <summary>How to connect to a standby server for reads of keys; null: none. It can contain a password.</summary>
    public string? ReplicaConnectionString { get; private init; }

    public bool IsPostgres => Kind == DatabaseKind.Postgres;

    /// <exception cref="SecretException">A setting is missing or can't be used; the message says what to do.</exception>
    public static DatabaseChoice Load(IConfiguration configuration)
    {
        var kind = configuration[KindSetting];
        // A number would be parsed as well.
        if (!(Enum.TryParse<DatabaseKind>(kind, ignoreCase: true, out var chosen) && Enum.IsDefined(chosen)) && !string.IsNullOrWhiteSpace(kind))
            throw new SecretException($"{KindSetting} is {kind}. Set it to {nameof(DatabaseKind.Sqlite)} or {nameof(DatabaseKind.Postgres)}.");
        if (chosen == DatabaseKind.Postgres)
            return new DatabaseChoice(DatabaseKind.Postgres, LoadConnectionString(configuration)) { ReplicaConnectionString = LoadReplica(configuration) };
        // Portal would otherwise start with an empty file, and nobody would notice why.
        return string.IsNullOrWhiteSpace(configuration[ConnectionStringSetting]) && string.IsNullOrWhiteSpace(configuration[FileSetting])
            ? new DatabaseChoice(DatabaseKind.Sqlite, "")
            : throw new SecretException($"A connection string is set, but {KindSetting} isn't {nameof(DatabaseKind.Postgres)}. Set both, or remove the connection string.");
    }

    /// <summary>Reads how to connect to the server, and checks it.</summary>
    /// <inheritdoc cref="Load"/>
    public static string LoadConnectionString(IConfiguration configuration)
    {
        var (given, file) = (configuration[ConnectionStringSetting], configuration[FileSetting]);
        return (string.IsNullOrWhiteSpace(given), string.IsNullOrWhiteSpace(file)) switch
        {
            (true, true) => throw new SecretException($"There is no connection string for PostgreSQL. Set {FileSetting} or {ConnectionStringSetting}."),
            (false, false) => throw new SecretException($"{FileSetting} and {ConnectionStringSetting} are both set. Remove one of them."),
            (_, false) => PostgresSettings.Require(SecretFile.Read(file!, FileSetting), FileSetting),
            _ => PostgresSettings.Require(given!, ConnectionStringSetting),
        };
    }

    private static string? LoadReplica(IConfiguration configuration)
    {
        var (given, file) = (configuration[ReplicaSetting], configuration[ReplicaFileSetting]);
        return (string.IsNullOrWhiteSpace(given), string.IsNullOrWhiteSpace(file)) switch
        {
            (true, true) => null,
            (false, false) => throw new SecretException($"{ReplicaFileSetting} and {ReplicaSetting} are both set. Remove one of them."),
            (_, false) => PostgresSettings.RequireReplica(SecretFile.Read(file!, ReplicaFileSetting), ReplicaFileSetting),
            _ => PostgresSettings.RequireReplica(given!, ReplicaSetting),
        };
    }

    /// <summary>Doesn't print the connection string.</summary>
    public override string ToString() => Kind.ToString();
}
