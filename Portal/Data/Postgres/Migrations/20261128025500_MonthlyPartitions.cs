using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    /// <summary>Partitions the counts by time: those of days by month, and those of hours by day. The tables that are there become the first partitions, so
    /// that no row is copied, and the statements of the release before still work.</summary>
    public partial class MonthlyPartitions : Migration
    {
        /// <summary>Waits for the locks in short attempts: others wait for the tables meanwhile. A deadlock with another node ends in this transaction, because an
        /// attempt is shorter than PostgreSQL's <c>deadlock_timeout</c>.</summary>
        private const string Lock =
            """
            PERFORM set_config('lock_timeout', '900ms', true);
            LOOP
                BEGIN
                    LOCK TABLE "DailyCounts", "LatencyCounts", "HourlyCounts" IN ACCESS EXCLUSIVE MODE;
                    LOCK TABLE "Tokens" IN SHARE ROW EXCLUSIVE MODE;
                    EXIT;
                EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
                    attempts := attempts + 1;
                    IF attempts = 100 THEN
                        RAISE;
                    END IF;
                    PERFORM pg_sleep(0.2);
                END;
            END LOOP;
            """;

        private const string DailyCounts =
            """
            ALTER TABLE "DailyCounts" RENAME TO "DailyCounts~";
            ALTER INDEX "PK_DailyCounts" RENAME TO "PK_DailyCounts~";
            ALTER INDEX "IX_DailyCounts_Day" RENAME TO "IX_DailyCounts~_Day";
            ALTER INDEX "IX_DailyCounts_Refused" RENAME TO "IX_DailyCounts~_Refused";
            CREATE TABLE "DailyCounts" (LIKE "DailyCounts~", CONSTRAINT "PK_DailyCounts" PRIMARY KEY ("TokenId", "Day", "ModuleId", "StatusCode", "Reason"),
                CONSTRAINT "FK_DailyCounts_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE) PARTITION BY RANGE ("Day");
            CREATE INDEX "IX_DailyCounts_Day" ON "DailyCounts" ("Day");
            CREATE INDEX "IX_DailyCounts_Refused" ON "DailyCounts" ("Day", "Reason", "TokenId") WHERE length("Reason") > 0;
            """;

        private const string LatencyCounts =
            """
            ALTER TABLE "LatencyCounts" RENAME TO "LatencyCounts~";
            ALTER INDEX "PK_LatencyCounts" RENAME TO "PK_LatencyCounts~";
            ALTER INDEX "IX_LatencyCounts_Day" RENAME TO "IX_LatencyCounts~_Day";
            CREATE TABLE "LatencyCounts" (LIKE "LatencyCounts~", CONSTRAINT "PK_LatencyCounts" PRIMARY KEY ("TokenId", "Day", "Bucket"),
                CONSTRAINT "FK_LatencyCounts_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE) PARTITION BY RANGE ("Day");
            CREATE INDEX "IX_LatencyCounts_Day" ON "LatencyCounts" ("Day");
            """;

        private const string HourlyCounts =
            """
            ALTER TABLE "HourlyCounts" RENAME TO "HourlyCounts~";
            ALTER INDEX "PK_HourlyCounts" RENAME TO "PK_HourlyCounts~";
            CREATE TABLE "HourlyCounts" (LIKE "HourlyCounts~", CONSTRAINT "PK_HourlyCounts" PRIMARY KEY ("Hour", "TokenId")) PARTITION BY RANGE ("Hour");
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            $"""
            DO $migration$
            DECLARE
                attempts integer := 0;
                month date := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
                day date := (now() AT TIME ZONE 'UTC')::date + 1;
                of_month text := to_char(month, '"_Before_"YYYY"_"MM');
                of_day text := to_char(day, '"_Before_"YYYY"_"MM"_"DD');
            BEGIN
                {Lock}
                EXECUTE replace(replace($sql${DailyCounts}{Attach("DailyCounts", "Day")}$sql$, '~', of_month), '<end>', quote_literal(month));
                EXECUTE replace(replace($sql${LatencyCounts}{Attach("LatencyCounts", "Day")}$sql$, '~', of_month), '<end>', quote_literal(month));
                EXECUTE replace(replace($sql${HourlyCounts}{Attach("HourlyCounts", "Hour")}$sql$, '~', of_day), '<end>', (24 * (day - date '1970-01-01'))::text);
            END $migration$;
            """);

        /// <summary>Makes the former table the first partition. Rows beyond its end, which only a wrong clock can have made, go to the default partition.</summary>
        private static string Attach(string table, string column) =>
            $"""

            CREATE TABLE "{table}_Other" PARTITION OF "{table}" DEFAULT;
            WITH later AS (DELETE FROM "{table}~" WHERE "{column}" >= <end> RETURNING *) INSERT INTO "{table}" SELECT * FROM later;
            ALTER TABLE "{table}" ATTACH PARTITION "{table}~" FOR VALUES FROM (MINVALUE) TO (<end>);
            """;
    }
}
