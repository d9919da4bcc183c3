using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    /// <summary>Adds the turns of changes, and logs the changes of people: their access ends on all nodes at once, too.</summary>
    public partial class Turns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE TABLE "WriteTurn" ("Id" integer PRIMARY KEY CHECK ("Id" = 1));
                INSERT INTO "WriteTurn" VALUES (1);
                ALTER TABLE "ChangeSequence" ADD COLUMN "Turn" bigint NOT NULL DEFAULT 0;
                """);
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_log_user() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(4, COALESCE(NEW."Id", OLD."Id"));
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_log_part_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(4, COALESCE(NEW."UserId", OLD."UserId"));
                    RETURN NULL;
                END $$;
                CREATE TRIGGER "TR_Users_LogUpdate" AFTER UPDATE ON "AspNetUsers" FOR EACH ROW
                    WHEN ((OLD."AccountId", OLD."DisplayName", OLD."SecurityStamp", OLD."LockoutEnabled", OLD."LockoutEnd", OLD."SecondFactorDueAt")
                        IS DISTINCT FROM (NEW."AccountId", NEW."DisplayName", NEW."SecurityStamp", NEW."LockoutEnabled", NEW."LockoutEnd", NEW."SecondFactorDueAt"))
                    EXECUTE FUNCTION portal_log_user();
                CREATE TRIGGER "TR_Users_LogDelete" AFTER DELETE ON "AspNetUsers" FOR EACH ROW EXECUTE FUNCTION portal_log_user();
                CREATE TRIGGER "TR_UserRoles_Log" AFTER INSERT OR DELETE OR UPDATE ON "AspNetUserRoles" FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_user();
                CREATE TRIGGER "TR_UserSessions_Log" AFTER INSERT OR DELETE OR UPDATE OF "UserId", "ProvedAt", "Provider" ON "UserSessions"
                    FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_user();
                CREATE TRIGGER "TR_UserSecondFactors_Log" AFTER INSERT OR DELETE OR UPDATE OF "ConfirmedAt" ON "UserSecondFactors"
                    FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_user();
                CREATE TRIGGER "TR_UserPasskeys_Log" AFTER INSERT OR DELETE ON "UserPasskeys" FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_user();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            DROP TRIGGER "TR_UserPasskeys_Log" ON "UserPasskeys";
            DROP TRIGGER "TR_UserSecondFactors_Log" ON "UserSecondFactors";
            DROP TRIGGER "TR_UserSessions_Log" ON "UserSessions";
            DROP TRIGGER "TR_UserRoles_Log" ON "AspNetUserRoles";
            DROP TRIGGER "TR_Users_LogDelete" ON "AspNetUsers";
            DROP TRIGGER "TR_Users_LogUpdate" ON "AspNetUsers";
            DROP FUNCTION portal_log_part_of_user();
            DROP FUNCTION portal_log_user();
            ALTER TABLE "ChangeSequence" DROP COLUMN "Turn";
            DROP TABLE "WriteTurn";
            """);
    }
}
