using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    /// <summary>Adds whether a node is about to stop, for people.</summary>
    public partial class Draining : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("""ALTER TABLE "Nodes" ADD COLUMN "IsDraining" boolean NOT NULL DEFAULT FALSE""");

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""ALTER TABLE "Nodes" DROP COLUMN "IsDraining" """);
    }
}
