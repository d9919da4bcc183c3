using Microsoft.EntityFrameworkCore;
using Portal.Data.KeyRing;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data.Copying;

/// <summary>One of the two databases of a copy.</summary>
internal sealed class CopySide
{
    private readonly DbContextOptions<PortalDbContext> _options;

    private CopySide(DbContextOptions<PortalDbContext> options, IKeyStore keys, string name)
    {
        (_options, Keys, Name) = (options, keys, name);
        Schema = new CopySchema(Open);
    }

    /// <summary>The name of the database, for messages.</summary>
    public string Name { get; }

    public IKeyStore Keys { get; }

    public CopySchema Schema { get; }

    /// <summary>The database in a data directory that this process has opened.</summary>
    public static CopySide InDirectory(DataDirectory directory)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(directory.Database, pooling: false);
        return new CopySide(options.Options, new FileKeyStore(directory), directory.Database);
    }

    /// <summary>A database on a server.</summary>
    public static CopySide OnServer(string connectionString)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(connectionString);
        return new CopySide(options.Options, new PostgresKeyStore(new Factory(options.Options)), PostgresDatabase.Describe(connectionString));
    }

    public PortalDbContext Open() => new(_options);

    private sealed class Factory(DbContextOptions<PortalDbContext> options) : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() => new(options);
    }
}
