using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    /// <summary>Adds notices, webhooks, policies, templates, approval, start dates, and the addresses of the audit log. Nodes of the release before run
    /// beside it, so it removes nothing that they use.</summary>
    public partial class TokenLifecycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A later release removes this column, the column "MaximumLifetimeDays" and the table "ExpiryNotices": the release before reads them.
            migrationBuilder.Sql("""ALTER TABLE "Accounts" ALTER COLUMN "PerpetualAllowed" SET DEFAULT true;""");

            migrationBuilder.AddColumn<string>(
                name: "NoticeDays",
                table: "Tokens",
                type: "text",
                maxLength: 64,
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "PerpetualReason",
                table: "Tokens",
                type: "text",
                maxLength: 255,
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<DateTime>(
                name: "StartsAt",
                table: "Tokens",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Address",
                table: "AuditEntries",
                type: "text",
                maxLength: 45,
                nullable: true,
                collation: "C");

            migrationBuilder.CreateTable(
                name: "ApprovalRequests",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    TokenHandle = table.Column<string>(type: "text", maxLength: 14, nullable: true, collation: "C"),
                    TokenName = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    ExtensionId = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Content = table.Column<string>(type: "text", maxLength: 8000, nullable: false, collation: "C"),
                    Reasons = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Note = table.Column<string>(type: "text", maxLength: 255, nullable: true, collation: "C"),
                    RequestedById = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    RequestedByName = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    EndsAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    DecidedById = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    DecidedByName = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DecidedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Comment = table.Column<string>(type: "text", maxLength: 255, nullable: true, collation: "C"),
                    Version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastEntryId = table.Column<long>(type: "bigint", nullable: false),
                    LastHash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    Entries = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditTrims", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CalendarFeeds",
                columns: table => new
                {
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CodeHash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    LastReadAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TokenId = table.Column<long>(type: "bigint", nullable: true),
                    Kind = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Key = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Details = table.Column<string>(type: "text", nullable: true, collation: "C")
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
                    UserId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Digest = table.Column<int>(type: "integer", nullable: false),
                    Muted = table.Column<string>(type: "text", maxLength: 400, nullable: false, collation: "C"),
                    AllTokens = table.Column<bool>(type: "boolean", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ExtensionId = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    MaximumLifetimeDays = table.Column<int>(type: "integer", nullable: true),
                    PerpetualAllowed = table.Column<bool>(type: "boolean", nullable: true),
                    PerpetualReasonRequired = table.Column<bool>(type: "boolean", nullable: true),
                    DefaultPreset = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    MostTokensPerExtension = table.Column<int>(type: "integer", nullable: true),
                    MostTokensPerOwner = table.Column<int>(type: "integer", nullable: true),
                    RotateEveryDays = table.Column<int>(type: "integer", nullable: true),
                    DisableIdleAfterDays = table.Column<int>(type: "integer", nullable: true),
                    AddressesRequired = table.Column<bool>(type: "boolean", nullable: true),
                    ApprovalModules = table.Column<string>(type: "text", maxLength: 4000, nullable: true, collation: "C"),
                    ApprovalLifetimeDays = table.Column<int>(type: "integer", nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedById = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UpdatedByName = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 60, nullable: false, collation: "C"),
                    NameKey = table.Column<string>(type: "text", maxLength: 60, nullable: false, collation: "C"),
                    Description = table.Column<string>(type: "text", maxLength: 255, nullable: true, collation: "C"),
                    ExtensionId = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Content = table.Column<string>(type: "text", maxLength: 8000, nullable: false, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedById = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UpdatedByName = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Url = table.Column<string>(type: "text", maxLength: 2000, nullable: false, collation: "C"),
                    Description = table.Column<string>(type: "text", maxLength: 128, nullable: true, collation: "C"),
                    Events = table.Column<string>(type: "text", maxLength: 1000, nullable: false, collation: "C"),
                    Extensions = table.Column<string>(type: "text", maxLength: 1000, nullable: false, collation: "C"),
                    Secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    PreviousSecret = table.Column<byte[]>(type: "bytea", nullable: true),
                    PreviousEndsAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DisabledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DisabledReason = table.Column<string>(type: "text", maxLength: 300, nullable: true, collation: "C"),
                    FailingSince = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    LastEntryId = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedById = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedByName = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    UpdatedByName = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    NoticeId = table.Column<long>(type: "bigint", nullable: false),
                    AccountId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Email = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    UserId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    DueAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    ClaimedUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Error = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C")
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    EndpointId = table.Column<long>(type: "bigint", nullable: false),
                    MessageId = table.Column<string>(type: "text", maxLength: 40, nullable: false, collation: "C"),
                    Type = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    TargetId = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Body = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    NextAttemptAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ClaimedUntil = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    DeliveryId = table.Column<long>(type: "bigint", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Duration = table.Column<int>(type: "integer", nullable: false),
                    StatusCode = table.Column<int>(type: "integer", nullable: true),
                    Error = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    Response = table.Column<string>(type: "text", maxLength: 2000, nullable: true, collation: "C")
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
                filter: "\"StartsAt\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

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
                columns: new[] { "AccountId", "Address", "At" })
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.Unspecified, NullSortOrder.NullsFirst, NullSortOrder.Unspecified });

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
                column: "TokenId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

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
                filter: "\"EndedAt\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

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

            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_audit_hash(
                    before bytea, id bigint, account text, at timestamp with time zone, actor_id text, actor_name text, actor_kind text, action text, target_id text, target_name text, details text, address text)
                RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256(
                    portal_audit_part(before) || portal_audit_part(convert_to(id::text, 'UTF8')) || portal_audit_part(convert_to(account, 'UTF8'))
                    || portal_audit_part(convert_to(rtrim(rtrim(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.'), 'UTF8'))
                    || portal_audit_part(convert_to(actor_id, 'UTF8')) || portal_audit_part(convert_to(actor_name, 'UTF8')) || portal_audit_part(convert_to(actor_kind, 'UTF8'))
                    || portal_audit_part(convert_to(action, 'UTF8')) || portal_audit_part(convert_to(target_id, 'UTF8')) || portal_audit_part(convert_to(target_name, 'UTF8'))
                    || portal_audit_part(convert_to(details, 'UTF8')) || CASE WHEN address IS NULL THEN '' ELSE portal_audit_part(convert_to(address, 'UTF8')) END);
                """);
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION portal_chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM 1 FROM "ChangeSequence" WHERE "Id" = 1 FOR UPDATE;
                    NEW."Hash" := portal_audit_hash(
                        coalesce((SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1), (SELECT "LastHash" FROM "AuditTrims" ORDER BY "Id" DESC LIMIT 1)),
                        NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId",
                        NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details", NEW."Address");
                    RETURN NEW;
                END $$;
                """);
            // The log is append-only.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_TABLE_NAME = 'AuditEntries' AND TG_OP = 'DELETE' THEN
                        IF EXISTS (SELECT 1 FROM "AuditTrims" WHERE "LastEntryId" >= OLD."Id") THEN
                            RETURN OLD;
                        END IF;
                        RAISE EXCEPTION 'Audit entries can''t be removed before the end of their retention.';
                    END IF;
                    RAISE EXCEPTION 'The audit log can''t be changed.';
                END $$;
                CREATE TRIGGER "TR_AuditEntries_Keep" BEFORE UPDATE OR DELETE ON "AuditEntries" FOR EACH ROW EXECUTE FUNCTION portal_keep_audit_log();
                CREATE TRIGGER "TR_AuditEntries_Truncate" BEFORE TRUNCATE ON "AuditEntries" FOR EACH STATEMENT EXECUTE FUNCTION portal_keep_audit_log();
                CREATE TRIGGER "TR_AuditTrims_Keep" BEFORE UPDATE OR DELETE ON "AuditTrims" FOR EACH ROW EXECUTE FUNCTION portal_keep_audit_log();
                CREATE TRIGGER "TR_AuditTrims_Truncate" BEFORE TRUNCATE ON "AuditTrims" FOR EACH STATEMENT EXECUTE FUNCTION portal_keep_audit_log();
                """);
            migrationBuilder.Sql(
                """
                DROP TRIGGER "TR_Tokens_Update" ON "Tokens";
                CREATE TRIGGER "TR_Tokens_Update" BEFORE UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId", "StartsAt", "PerpetualReason"
                    ON "Tokens" FOR EACH ROW EXECUTE FUNCTION portal_count_token();
                DROP TRIGGER "TR_Tokens_Log" ON "Tokens";
                CREATE TRIGGER "TR_Tokens_Log" AFTER INSERT OR UPDATE OF "Name", "Status", "AllModules", "RateLimit", "MayOutlive", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "StartsAt" ON "Tokens"
                    FOR EACH ROW EXECUTE FUNCTION portal_log_token();
                """);

            // Shared by nodes beside the model: failed sign-ins, and the states of pages that lost their connection.
            migrationBuilder.Sql(
                """
                CREATE TABLE "FailureCounts" ("Key" bytea PRIMARY KEY, "Level" double precision NOT NULL, "At" timestamp with time zone NOT NULL);
                CREATE INDEX "IX_FailureCounts_At" ON "FailureCounts" ("At");
                CREATE TABLE "PageStates" ("Key" bytea PRIMARY KEY, "Content" bytea NOT NULL, "Until" timestamp with time zone NOT NULL);
                CREATE INDEX "IX_PageStates_Until" ON "PageStates" ("Until");
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TABLE "PageStates", "FailureCounts";""");
            migrationBuilder.Sql(
                """
                DROP TRIGGER "TR_Tokens_Update" ON "Tokens";
                CREATE TRIGGER "TR_Tokens_Update" BEFORE UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId"
                    ON "Tokens" FOR EACH ROW EXECUTE FUNCTION portal_count_token();
                DROP TRIGGER "TR_Tokens_Log" ON "Tokens";
                CREATE TRIGGER "TR_Tokens_Log" AFTER INSERT OR UPDATE OF "Name", "Status", "AllModules", "RateLimit", "MayOutlive", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens"
                    FOR EACH ROW EXECUTE FUNCTION portal_log_token();
                """);
            migrationBuilder.Sql(
                """
                DROP TRIGGER "TR_AuditEntries_Keep" ON "AuditEntries";
                DROP TRIGGER "TR_AuditEntries_Truncate" ON "AuditEntries";
                DROP TRIGGER "TR_AuditTrims_Keep" ON "AuditTrims";
                DROP TRIGGER "TR_AuditTrims_Truncate" ON "AuditTrims";
                DROP FUNCTION portal_keep_audit_log();
                """);
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION portal_chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM 1 FROM "ChangeSequence" WHERE "Id" = 1 FOR UPDATE;
                    NEW."Hash" := portal_audit_hash(
                        (SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1),
                        NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId",
                        NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details");
                    RETURN NEW;
                END $$;
                """);
            migrationBuilder.Sql("DROP FUNCTION portal_audit_hash(bytea, bigint, text, timestamp with time zone, text, text, text, text, text, text, text, text);");

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

            migrationBuilder.Sql("""ALTER TABLE "Accounts" ALTER COLUMN "PerpetualAllowed" DROP DEFAULT;""");

        }
    }
}
