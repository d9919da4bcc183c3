using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Adds fingerprints of secrets, what the search index follows, and indexes for what needs attention.</summary>
    public partial class SearchAndAttention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Removed",
                table: "TokenTallies",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Fingerprint",
                table: "TokenSecrets",
                type: "TEXT",
                maxLength: 4,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ListVersion",
                table: "Tokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "IX_TokenSecrets_Unmarked",
                table: "TokenSecrets",
                column: "Id",
                filter: "\"Fingerprint\" IS NULL AND \"Protected\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_ListVersion",
                table: "Tokens",
                columns: new[] { "AccountId", "ListVersion" });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_NeverUsed",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "Status", "CreatedAt", "ExpiresAt", "PreviousEndsAt" },
                filter: "\"LastUsedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_DailyCounts_Refused",
                table: "DailyCounts",
                columns: new[] { "Day", "Reason", "TokenId" },
                filter: "length(\"Reason\") > 0");

            // The order by expiration, with perpetual tokens last. EF Core has no indexes of expressions in its model.
            migrationBuilder.Sql(
                """
                CREATE INDEX "IX_Tokens_Expires" ON "Tokens" ("AccountId", "DeletedAt", "ExpiresAt" IS NULL, "ExpiresAt");
                """);

            // Number the tokens that changed, too.
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Insert";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Insert" AFTER INSERT ON "Tokens" BEGIN INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept") VALUES (NEW."AccountId", 1, NEW."DeletedAt" IS NULL)
                ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "Version" + 1, "Kept" = "Kept" + excluded."Kept";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Delete";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Delete" AFTER DELETE ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Removed" = "Removed" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL) WHERE "AccountId" = OLD."AccountId"; END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenSecrets_Insert" AFTER INSERT ON "TokenSecrets" WHEN NEW."Fingerprint" IS NOT NULL BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId");
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "TokenTallies"."AccountId" = "Tokens"."AccountId") WHERE "Id" = NEW."TokenId"; END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenSecrets_Update" AFTER UPDATE OF "Fingerprint" ON "TokenSecrets" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
                WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId");
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "TokenTallies"."AccountId" = "Tokens"."AccountId") WHERE "Id" = NEW."TokenId"; END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenSecrets_Insert";""");
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenSecrets_Update";""");
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Insert";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Insert" AFTER INSERT ON "Tokens" BEGIN INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept") VALUES (NEW."AccountId", 1, NEW."DeletedAt" IS NULL)
                ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "Version" + 1, "Kept" = "Kept" + excluded."Kept"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Delete";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Delete" AFTER DELETE ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL) WHERE "AccountId" = OLD."AccountId"; END;
                """);
            migrationBuilder.Sql("""DROP INDEX "IX_Tokens_Expires";""");

            migrationBuilder.DropIndex(
                name: "IX_TokenSecrets_Unmarked",
                table: "TokenSecrets");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_ListVersion",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_NeverUsed",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_DailyCounts_Refused",
                table: "DailyCounts");

            migrationBuilder.DropColumn(
                name: "Removed",
                table: "TokenTallies");

            migrationBuilder.DropColumn(
                name: "Fingerprint",
                table: "TokenSecrets");

            migrationBuilder.DropColumn(
                name: "ListVersion",
                table: "Tokens");
        }
    }
}
