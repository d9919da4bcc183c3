using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Adds the order by last use, and lets the search index follow permissions.</summary>
    public partial class ListOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Tokens_AccountId_LastUsedAt",
                table: "Tokens");

            // The order by last use, with unused tokens as used first. EF Core has no indexes of expressions in its model.
            migrationBuilder.Sql(
                """
                CREATE INDEX "IX_Tokens_LastUse" ON "Tokens" ("AccountId", "DeletedAt", "LastUsedAt" IS NOT NULL, "LastUsedAt");
                """);

            // Number the tokens whose permissions changed, too.
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenPermissions_Insert";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Insert" AFTER INSERT ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId");
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "TokenTallies"."AccountId" = "Tokens"."AccountId") WHERE "Id" = NEW."TokenId"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenPermissions_Delete";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Delete" AFTER DELETE ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = OLD."TokenId");
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "TokenTallies"."AccountId" = "Tokens"."AccountId") WHERE "Id" = OLD."TokenId"; END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenPermissions_Insert";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Insert" AFTER INSERT ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId"); END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenPermissions_Delete";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenPermissions_Delete" AFTER DELETE ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = OLD."TokenId"); END;
                """);
            migrationBuilder.Sql("""DROP INDEX "IX_Tokens_LastUse";""");

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_AccountId_LastUsedAt",
                table: "Tokens",
                columns: new[] { "AccountId", "LastUsedAt" });
        }
    }
}
