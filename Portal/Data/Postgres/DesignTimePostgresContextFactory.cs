using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Portal.Data.Postgres;

/// <summary>Lets <c>dotnet ef migrations add --context PostgresDbContext</c> build the model without a server.</summary>
internal sealed class DesignTimePostgresContextFactory : IDesignTimeDbContextFactory<PostgresDbContext>
{
    public PostgresDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres("Host=design-time");
        return new PostgresDbContext(options.Options);
    }
}
