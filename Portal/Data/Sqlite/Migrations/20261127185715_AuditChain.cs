using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Chains the entries of the audit log by hashes.</summary>
    public partial class AuditChain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "Hash",
                table: "AuditEntries",
                type: "BLOB",
                maxLength: 32,
                nullable: true);

            migrationBuilder.Sql(
                """
                CREATE TRIGGER "TR_AuditEntries_Insert" AFTER INSERT ON "AuditEntries" BEGIN UPDATE "AuditEntries" SET "Hash" = portal_audit_hash(
                (SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1),
                NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId", NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details") WHERE "Id" = NEW."Id"; END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "TR_AuditEntries_Insert";""");
            migrationBuilder.DropColumn(
                name: "Hash",
                table: "AuditEntries");
        }
    }
}
