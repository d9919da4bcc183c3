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
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Insert" AFTER INSERT ON "Tokens" BEGIN INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept") VALUES (NEW."AccountId", 1, NEW."DeletedAt" IS NULL)
                ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "Version" + 1, "Kept" = "Kept" + excluded."Kept"; END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId"; END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Delete" AFTER DELETE ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL) WHERE "AccountId" = OLD."AccountId"; END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Insert" AFTER INSERT ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId"); END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Delete" AFTER DELETE ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = OLD."TokenId"); END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER \"TR_Tokens_Insert\";");
            migrationBuilder.Sql("DROP TRIGGER \"TR_Tokens_Update\";");
            migrationBuilder.Sql("DROP TRIGGER \"TR_Tokens_Delete\";");
            migrationBuilder.Sql("DROP TRIGGER \"TR_TokenPermissions_Insert\";");
            migrationBuilder.Sql("DROP TRIGGER \"TR_TokenPermissions_Delete\";");

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
