using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Adds notices, webhooks, policies, templates, approval, start dates, and the addresses of the audit log.</summary>
    public partial class TokenLifecycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ExpiryNotices");

            // Nothing could set these columns. In SQL, because Entity Framework would copy the table.
            migrationBuilder.Sql("""ALTER TABLE "Accounts" DROP COLUMN "MaximumLifetimeDays";""");
            migrationBuilder.Sql("""ALTER TABLE "Accounts" DROP COLUMN "PerpetualAllowed";""");

            migrationBuilder.AddColumn<string>(
                name: "NoticeDays",
                table: "Tokens",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PerpetualReason",
                table: "Tokens",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "StartsAt",
                table: "Tokens",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Address",
                table: "AuditEntries",
                type: "TEXT",
                maxLength: 45,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ApprovalRequests",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    TokenHandle = table.Column<string>(type: "TEXT", maxLength: 14, nullable: true),
                    TokenName = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    ExtensionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Content = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false),
                    Reasons = table.Column<string>(type: "TEXT", nullable: false),
                    Note = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    RequestedById = table.Column<string>(type: "TEXT", nullable: false),
                    RequestedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    EndsAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    DecidedById = table.Column<string>(type: "TEXT", nullable: true),
                    DecidedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    DecidedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Comment = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApprovalRequests", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApprovalRequests_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "AuditTrims",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LastEntryId = table.Column<long>(type: "INTEGER", nullable: false),
                    LastHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: true),
                    Entries = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditTrims", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CalendarFeeds",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    CodeHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LastReadAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CalendarFeeds", x => x.UserId);
                    table.ForeignKey(
                        name: "FK_CalendarFeeds_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Notices",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    TokenId = table.Column<long>(type: "INTEGER", nullable: true),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Details = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Notices", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Notices_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Notices_Tokens_TokenId",
                        column: x => x.TokenId,
                        principalTable: "Tokens",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "NoticeSettings",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    Digest = table.Column<int>(type: "INTEGER", nullable: false),
                    Muted = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    AllTokens = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_NoticeSettings", x => x.UserId);
                    table.ForeignKey(
                        name: "FK_NoticeSettings_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TokenPolicies",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    ExtensionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    MaximumLifetimeDays = table.Column<int>(type: "INTEGER", nullable: true),
                    PerpetualAllowed = table.Column<bool>(type: "INTEGER", nullable: true),
                    PerpetualReasonRequired = table.Column<bool>(type: "INTEGER", nullable: true),
                    DefaultPreset = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    MostTokensPerExtension = table.Column<int>(type: "INTEGER", nullable: true),
                    MostTokensPerOwner = table.Column<int>(type: "INTEGER", nullable: true),
                    RotateEveryDays = table.Column<int>(type: "INTEGER", nullable: true),
                    DisableIdleAfterDays = table.Column<int>(type: "INTEGER", nullable: true),
                    AddressesRequired = table.Column<bool>(type: "INTEGER", nullable: true),
                    ApprovalModules = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: true),
                    ApprovalLifetimeDays = table.Column<int>(type: "INTEGER", nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedById = table.Column<string>(type: "TEXT", nullable: false),
                    UpdatedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenPolicies", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TokenPolicies_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "TokenTemplates",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    NameKey = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Description = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    ExtensionId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Content = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedById = table.Column<string>(type: "TEXT", nullable: false),
                    UpdatedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenTemplates", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TokenTemplates_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "WebhookEndpoints",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    Url = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    Description = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    Events = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Extensions = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Secret = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PreviousSecret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    PreviousEndsAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DisabledAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DisabledReason = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    FailingSince = table.Column<DateTime>(type: "TEXT", nullable: true),
                    LastEntryId = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedById = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    UpdatedByName = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookEndpoints", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WebhookEndpoints_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "NoticeRecipients",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    NoticeId = table.Column<long>(type: "INTEGER", nullable: false),
                    AccountId = table.Column<string>(type: "TEXT", nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: true),
                    DueAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    ClaimedUntil = table.Column<DateTime>(type: "TEXT", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Error = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_NoticeRecipients", x => x.Id);
                    table.ForeignKey(
                        name: "FK_NoticeRecipients_Accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "Accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_NoticeRecipients_Notices_NoticeId",
                        column: x => x.NoticeId,
                        principalTable: "Notices",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WebhookDeliveries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    EndpointId = table.Column<long>(type: "INTEGER", nullable: false),
                    MessageId = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Type = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    TargetId = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    Body = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    NextAttemptAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ClaimedUntil = table.Column<DateTime>(type: "TEXT", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookDeliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WebhookDeliveries_WebhookEndpoints_EndpointId",
                        column: x => x.EndpointId,
                        principalTable: "WebhookEndpoints",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WebhookAttempts",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    DeliveryId = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Duration = table.Column<int>(type: "INTEGER", nullable: false),
                    StatusCode = table.Column<int>(type: "INTEGER", nullable: true),
                    Error = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    Response = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookAttempts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WebhookAttempts_WebhookDeliveries_DeliveryId",
                        column: x => x.DeliveryId,
                        principalTable: "WebhookDeliveries",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_Starting",
                table: "Tokens",
                column: "StartsAt",
                filter: "\"StartsAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_AccountId_Action_At",
                table: "AuditEntries",
                columns: new[] { "AccountId", "Action", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_AccountId_ActorId_At",
                table: "AuditEntries",
                columns: new[] { "AccountId", "ActorId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_AccountId_Address_At",
                table: "AuditEntries",
                columns: new[] { "AccountId", "Address", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_ApprovalRequests_AccountId_RequestedById_Id",
                table: "ApprovalRequests",
                columns: new[] { "AccountId", "RequestedById", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ApprovalRequests_AccountId_State_Id",
                table: "ApprovalRequests",
                columns: new[] { "AccountId", "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ApprovalRequests_Due",
                table: "ApprovalRequests",
                column: "EndsAt",
                filter: "\"State\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_CalendarFeeds_CodeHash",
                table: "CalendarFeeds",
                column: "CodeHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_NoticeRecipients_AccountId",
                table: "NoticeRecipients",
                column: "AccountId");

            migrationBuilder.CreateIndex(
                name: "IX_NoticeRecipients_NoticeId",
                table: "NoticeRecipients",
                column: "NoticeId");

            migrationBuilder.CreateIndex(
                name: "IX_NoticeRecipients_Waiting",
                table: "NoticeRecipients",
                columns: new[] { "DueAt", "Email" },
                filter: "\"EndedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Notices_AccountId_At",
                table: "Notices",
                columns: new[] { "AccountId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_Notices_AccountId_Key",
                table: "Notices",
                columns: new[] { "AccountId", "Key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Notices_TokenId",
                table: "Notices",
                column: "TokenId");

            migrationBuilder.CreateIndex(
                name: "IX_TokenPolicies_AccountId_ExtensionId",
                table: "TokenPolicies",
                columns: new[] { "AccountId", "ExtensionId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TokenTemplates_AccountId_NameKey",
                table: "TokenTemplates",
                columns: new[] { "AccountId", "NameKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_WebhookAttempts_DeliveryId",
                table: "WebhookAttempts",
                column: "DeliveryId");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Due",
                table: "WebhookDeliveries",
                column: "NextAttemptAt",
                filter: "\"State\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Ended",
                table: "WebhookDeliveries",
                column: "EndedAt",
                filter: "\"EndedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_EndpointId_Id_State",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "Id", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_EndpointId_State_Id",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Order",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "TargetId", "Id" },
                filter: "\"State\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookEndpoints_AccountId",
                table: "WebhookEndpoints",
                column: "AccountId");

            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId", "StartsAt", "PerpetualReason" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_AuditEntries_Insert";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_AuditEntries_Insert" AFTER INSERT ON "AuditEntries" BEGIN UPDATE "AuditEntries" SET "Hash" = portal_audit_hash(
                coalesce((SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1), (SELECT "LastHash" FROM "AuditTrims" ORDER BY "Id" DESC LIMIT 1)),
                NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId", NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details", NEW."Address") WHERE "Id" = NEW."Id"; END;
                """);
            // The log is append-only. Setting the hash of the newest entry is part of adding it.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_AuditEntries_Update" BEFORE UPDATE ON "AuditEntries"
                WHEN OLD."Hash" IS NOT NULL OR NEW."Hash" IS NULL OR EXISTS (SELECT 1 FROM "AuditEntries" WHERE "Id" > OLD."Id") OR NEW."Id" IS NOT OLD."Id"
                    OR NEW."AccountId" IS NOT OLD."AccountId" OR NEW."At" IS NOT OLD."At" OR NEW."ActorId" IS NOT OLD."ActorId" OR NEW."ActorName" IS NOT OLD."ActorName"
                    OR NEW."ActorKind" IS NOT OLD."ActorKind" OR NEW."Action" IS NOT OLD."Action" OR NEW."TargetId" IS NOT OLD."TargetId"
                    OR NEW."TargetName" IS NOT OLD."TargetName" OR NEW."Details" IS NOT OLD."Details" OR NEW."Address" IS NOT OLD."Address"
                BEGIN SELECT RAISE(ABORT, 'Audit entries can''t be changed.'); END;
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_AuditEntries_Delete" BEFORE DELETE ON "AuditEntries"
                WHEN NOT EXISTS (SELECT 1 FROM "AuditTrims" WHERE "LastEntryId" >= OLD."Id")
                BEGIN SELECT RAISE(ABORT, 'Audit entries can''t be removed before the end of their retention.'); END;
                """);
            migrationBuilder.Sql("""CREATE TRIGGER "TR_AuditTrims_Update" BEFORE UPDATE ON "AuditTrims" BEGIN SELECT RAISE(ABORT, 'Records of removed audit entries can''t be changed.'); END;""");
            migrationBuilder.Sql("""CREATE TRIGGER "TR_AuditTrims_Delete" BEFORE DELETE ON "AuditTrims" BEGIN SELECT RAISE(ABORT, 'Records of removed audit entries can''t be removed.'); END;""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var trigger in new[] { "TR_AuditEntries_Update", "TR_AuditEntries_Delete", "TR_AuditTrims_Update", "TR_AuditTrims_Delete", "TR_AuditEntries_Insert" })
                migrationBuilder.Sql($"DROP TRIGGER \"{trigger}\";");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_AuditEntries_Insert" AFTER INSERT ON "AuditEntries" BEGIN UPDATE "AuditEntries" SET "Hash" = portal_audit_hash(
                (SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1),
                NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId", NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details") WHERE "Id" = NEW."Id"; END;
                """);
            migrationBuilder.Sql("""DROP TRIGGER "TR_Tokens_Update";""");
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
                WHERE "AccountId" = NEW."AccountId";
                UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "AccountId" = NEW."AccountId") WHERE "Id" = NEW."Id"; END;
                """);

            migrationBuilder.DropTable(
                name: "ApprovalRequests");

            migrationBuilder.DropTable(
                name: "AuditTrims");

            migrationBuilder.DropTable(
                name: "CalendarFeeds");

            migrationBuilder.DropTable(
                name: "NoticeRecipients");

            migrationBuilder.DropTable(
                name: "NoticeSettings");

            migrationBuilder.DropTable(
                name: "TokenPolicies");

            migrationBuilder.DropTable(
                name: "TokenTemplates");

            migrationBuilder.DropTable(
                name: "WebhookAttempts");

            migrationBuilder.DropTable(
                name: "Notices");

            migrationBuilder.DropTable(
                name: "WebhookDeliveries");

            migrationBuilder.DropTable(
                name: "WebhookEndpoints");

            migrationBuilder.DropIndex(
                name: "IX_Tokens_Starting",
                table: "Tokens");

            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_AccountId_Action_At",
                table: "AuditEntries");

            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_AccountId_ActorId_At",
                table: "AuditEntries");

            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_AccountId_Address_At",
                table: "AuditEntries");

            migrationBuilder.DropColumn(
                name: "NoticeDays",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "PerpetualReason",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "StartsAt",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "Address",
                table: "AuditEntries");

            migrationBuilder.AddColumn<int>(
                name: "MaximumLifetimeDays",
                table: "Accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "PerpetualAllowed",
                table: "Accounts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "ExpiryNotices",
                columns: table => new
                {
                    SecretId = table.Column<long>(type: "INTEGER", nullable: false),
                    DaysBefore = table.Column<int>(type: "INTEGER", nullable: false),
                    Channel = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    SentAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExpiryNotices", x => new { x.SecretId, x.DaysBefore, x.Channel });
                    table.ForeignKey(
                        name: "FK_ExpiryNotices_TokenSecrets_SecretId",
                        column: x => x.SecretId,
                        principalTable: "TokenSecrets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });
        }
    }
}
