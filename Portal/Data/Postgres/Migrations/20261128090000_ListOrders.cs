using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    /// <summary>Adds indexes for lists in the order of names and extensions. PostgreSQL doesn't see that <c>DeletedAt</c> is the same for all tokens of such a
    /// list, so it can't use an index in which that column comes first for the order.</summary>
    public partial class ListOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            CREATE INDEX "IX_Tokens_KeptNames" ON "Tokens" ("AccountId", "Name", "Id") WHERE "DeletedAt" IS NULL;
            CREATE INDEX "IX_Tokens_KeptExtensions" ON "Tokens" ("AccountId", "ExtensionId", "Id") WHERE "DeletedAt" IS NULL;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            DROP INDEX "IX_Tokens_KeptNames";
            DROP INDEX "IX_Tokens_KeptExtensions";
            """);
    }
}
