using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Portal.Data;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class EndedSecrets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "EndedAt",
                table: "TokenSecrets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Installation",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    LastKnownAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    KeyRingProof = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Installation", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TokenSecrets_Due",
                table: "TokenSecrets",
                column: "EndsAt",
                filter: "\"EndedAt\" IS NULL AND \"EndsAt\" IS NOT NULL");

            // Of deleted tokens, and of secrets that had ended when the last change was made: a time that does not depend on the
            // clock of now. What has ended since is found after the start.
            migrationBuilder.Sql(
                """
                UPDATE "TokenSecrets" SET "Protected" = NULL, "EndedAt" = (SELECT COALESCE("DeletedAt", "UpdatedAt") FROM "Tokens" WHERE "Id" = "TokenSecrets"."TokenId")
                WHERE "TokenId" IN (SELECT "Id" FROM "Tokens" WHERE "Status" = 3);
                """);
            migrationBuilder.Sql(
                """
                UPDATE "TokenSecrets" SET "Protected" = NULL, "EndedAt" = "EndsAt"
                WHERE "EndedAt" IS NULL AND "EndsAt" <= (SELECT "At" FROM "AuditEntries" ORDER BY "Id" DESC LIMIT 1);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Installation");

            migrationBuilder.DropIndex(
                name: "IX_TokenSecrets_Due",
                table: "TokenSecrets");

            migrationBuilder.DropColumn(
                name: "EndedAt",
                table: "TokenSecrets");
        }
    }
}
