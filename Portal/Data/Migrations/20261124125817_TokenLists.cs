using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class TokenLists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_TokenPermissions_ModuleId",
                table: "TokenPermissions");

            migrationBuilder.CreateTable(
                name: "TokenTallies",
                columns: table => new
                {
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    Version = table.Column<long>(type: "INTEGER", nullable: false),
                    Kept = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenTallies", x => x.AccountId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_AccountHandle",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "Handle" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Age",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "CreatedAt", "Id", "Status", "ExtensionId", "ExpiresAt", "PreviousEndsAt", "ExtensionName" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Deleted",
                table: "Tokens",
                columns: new[] { "AccountId", "CreatedAt", "Id", "DeletedAt", "Status" },
                filter: "\"DeletedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Extension",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "ExtensionId" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_ExternalId",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "ExternalId" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Name",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "Name" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Previous",
                table: "Tokens",
                columns: new[] { "AccountId", "PreviousEndsAt", "DeletedAt", "Status" },
                filter: "\"PreviousEndsAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Status",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "Status", "ExpiresAt", "PreviousEndsAt" });

            migrationBuilder.CreateIndex(
                name: "IX_TokenPermissions_ModuleId_TokenId",
                table: "TokenPermissions",
                columns: new[] { "ModuleId", "TokenId" });

            migrationBuilder.Sql(
                """
                INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept")
                SELECT "AccountId", 1, SUM("DeletedAt" IS NULL) FROM "Tokens" GROUP BY "AccountId";
                """);
            TokenTally.AddTriggers(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            TokenTally.DropTriggers(migrationBuilder);

            migrationBuilder.DropTable(
                name: "TokenTallies");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_AccountHandle",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Age",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Deleted",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Extension",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_ExternalId",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Name",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Previous",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Status",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_TokenPermissions_ModuleId_TokenId",
                table: "TokenPermissions");

            migrationBuilder.CreateIndex(
                name: "IX_TokenPermissions_ModuleId",
                table: "TokenPermissions",
                column: "ModuleId");
        }
    }
}
