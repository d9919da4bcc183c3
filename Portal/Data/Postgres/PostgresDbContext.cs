using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Postgres;

/// <summary>The context of the migrations for PostgreSQL: EF Core finds migrations by the type of the context. Everything else uses
/// <see cref="PortalDbContext"/>.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PortalDbContext> options) : PortalDbContext(options);
