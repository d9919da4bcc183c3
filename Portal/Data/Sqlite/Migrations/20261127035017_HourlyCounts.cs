using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class HourlyCounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "UsedCount",
                table: "TokenSecrets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateOnly>(
                name: "UsedOn",
                table: "TokenSecrets",
                type: "TEXT",
                nullable: true);

            // Without a rowid, the table is its primary key, so a row takes less than half the space and one place to write.
            migrationBuilder.Sql(
                """
                CREATE TABLE "HourlyCounts" (
                    "Hour" INTEGER NOT NULL,
                    "TokenId" INTEGER NOT NULL,
                    "Success" INTEGER NOT NULL,
                    "Redirection" INTEGER NOT NULL,
                    "ClientError" INTEGER NOT NULL,
                    "ServerError" INTEGER NOT NULL,
                    CONSTRAINT "PK_HourlyCounts" PRIMARY KEY ("Hour", "TokenId")
                ) WITHOUT ROWID;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "HourlyCounts");

            migrationBuilder.DropColumn(
                name: "UsedCount",
                table: "TokenSecrets");

            migrationBuilder.DropColumn(
                name: "UsedOn",
                table: "TokenSecrets");
        }
    }
}
