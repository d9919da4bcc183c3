using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Adds owners and contacts of tokens, passkeys, the settings of users, sessions of identity providers, and SCIM.</summary>
    public partial class People : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "ProtectedIdToken",
                table: "UserSessions",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Provider",
                table: "UserSessions",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ProviderSessionId",
                table: "UserSessions",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ProviderSubject",
                table: "UserSessions",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Contact",
                table: "Tokens",
                type: "TEXT",
                maxLength: 256,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "OwnerId",
                table: "Tokens",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "AspNetUsers",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "SecondFactorDueAt",
                table: "AspNetUsers",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Theme",
                table: "AspNetUsers",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TimeZone",
                table: "AspNetUsers",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ScimGroups",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    ExternalId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    DisplayName = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    NameKey = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScimGroups", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ScimGroups_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ScimUsers",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    ExternalId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    GivenName = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    FamilyName = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScimUsers", x => x.UserId);
                    table.ForeignKey(
                        name: "FK_ScimUsers_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TokenOwners",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    TeamKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenOwners", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TokenOwners_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_TokenOwners_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "UserPasskeys",
                columns: table => new
                {
                    CredentialId = table.Column<byte[]>(type: "BLOB", maxLength: 1023, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    Data = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UserPasskeys", x => x.CredentialId);
                    table.ForeignKey(
                        name: "FK_UserPasskeys_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ScimGroupMembers",
                columns: table => new
                {
                    GroupId = table.Column<string>(type: "TEXT", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScimGroupMembers", x => new { x.GroupId, x.UserId });
                    table.ForeignKey(
                        name: "FK_ScimGroupMembers_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ScimGroupMembers_ScimGroups_GroupId",
                        column: x => x.GroupId,
                        principalTable: "ScimGroups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TokenOwners_UserId",
                table: "TokenOwners",
                column: "UserId");

            // The user who created a token is its first owner. Without its trigger, so that the tokens aren't numbered one by one.
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                INSERT INTO "TokenOwners" ("AccountId", "UserId", "Name") SELECT "AccountId", "Id", "DisplayName" FROM "AspNetUsers" ORDER BY "Id";
                """);
            migrationBuilder.Sql(
                """
                UPDATE "Tokens" SET "OwnerId" = (SELECT "Id" FROM "TokenOwners" WHERE "UserId" = "Tokens"."CreatedById") WHERE "CreatedByKind" = 0;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);
            // A changed owner changes lists, but no token.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_TokenOwners_Update" AFTER UPDATE ON "TokenOwners" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1 WHERE "AccountId" = NEW."AccountId"; END;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_UserSessions_Provider_ProviderSubject",
                table: "UserSessions",
                columns: new[] { "Provider", "ProviderSubject" },
                filter: "\"Provider\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Owner",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "OwnerId" });

            migrationBuilder.CreateIndex(
                name: "IX_ScimGroupMembers_UserId",
                table: "ScimGroupMembers",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_ScimGroups_AccountId_NameKey",
                table: "ScimGroups",
                columns: new[] { "AccountId", "NameKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ScimUsers_ExternalId",
                table: "ScimUsers",
                column: "ExternalId");

            migrationBuilder.CreateIndex(
                name: "IX_TokenOwners_AccountId_TeamKey",
                table: "TokenOwners",
                columns: new[] { "AccountId", "TeamKey" });

            migrationBuilder.CreateIndex(
                name: "IX_UserPasskeys_UserId",
                table: "UserPasskeys",
                column: "UserId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "TR_TokenOwners_Update";""");
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);

            migrationBuilder.DropTable(
                name: "ScimGroupMembers");

            migrationBuilder.DropTable(
                name: "ScimUsers");

            migrationBuilder.DropTable(
                name: "TokenOwners");

            migrationBuilder.DropTable(
                name: "UserPasskeys");

            migrationBuilder.DropTable(
                name: "ScimGroups");

            migrationBuilder.DropIndex(
                name: "IX_UserSessions_Provider_ProviderSubject",
                table: "UserSessions");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Owner",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "ProtectedIdToken",
                table: "UserSessions");

            migrationBuilder.DropColumn(
                name: "Provider",
                table: "UserSessions");

            migrationBuilder.DropColumn(
                name: "ProviderSessionId",
                table: "UserSessions");

            migrationBuilder.DropColumn(
                name: "ProviderSubject",
                table: "UserSessions");

            migrationBuilder.DropColumn(
                name: "Contact",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "OwnerId",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "AspNetUsers");

            migrationBuilder.DropColumn(
                name: "SecondFactorDueAt",
                table: "AspNetUsers");

            migrationBuilder.DropColumn(
                name: "Theme",
                table: "AspNetUsers");

            migrationBuilder.DropColumn(
                name: "TimeZone",
                table: "AspNetUsers");
        }
    }
}
