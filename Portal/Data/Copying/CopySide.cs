using Microsoft.EntityFrameworkCore;
using Portal.Data.KeyRing;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data.Copying;

/// <summary>One of the two databases of a copy.</summary>
internal sealed class CopySide
{
    private readonly DbContextOptions<PortalDbContext> _options;

    private CopySide(DbContextOptions<PortalDbContext> options, IKeyStore keys, string name, string adviceIfUnfinished)
    {
        (_options, Keys, Name, AdviceIfUnfinished) = (options, keys, name, adviceIfUnfinished);
        Schema = new CopySchema(Open);
    }

    /// <summary>The name of the database, for messages.</summary>
    public string Name { get; }

    /// <summary>What to do if a copy into this database isn't complete.</summary>
    public string AdviceIfUnfinished { get; }

    public IKeyStore Keys { get; }

    public CopySchema Schema { get; }

    /// <summary>The database in a data directory that this process has opened.</summary>
    public static CopySide InDirectory(DataDirectory directory)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(directory.Database, pooling: false);
        return new CopySide(options.Options, new FileKeyStore(directory), directory.Database, UnfinishedCopy.AdviceForFile(directory.Database));
    }

    /// <summary>A database on a server.</summary>
    public static CopySide OnServer(string connectionString)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(connectionString);
        var name = PostgresDatabase.Describe(connectionString);
        return new CopySide(options.Options, new PostgresKeyStore(new Factory(options.Options)), name, UnfinishedCopy.AdviceForServer(name));
    }

    public PortalDbContext Open() => new(_options);

    private sealed class Factory(DbContextOptions<PortalDbContext> options) : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() => new(options);
    }
}
