using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class TokenCreators : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "CreatedByKind",
                table: "Tokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "MayOutlive",
                table: "Tokens",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            // A token's handle, which no user's id looks like.
            migrationBuilder.Sql(
                """
                UPDATE "Tokens" SET "CreatedByKind" = 1
                WHERE "CreatedById" GLOB 'SU-[0-9][0-9][0-9]-[0-9][0-9][0-9]-[0-9][0-9][0-9]';
                """);

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_CreatedByToken",
                table: "Tokens",
                columns: new[] { "AccountId", "CreatedById", "DeletedAt" },
                filter: "\"CreatedByKind\" = 1");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Tokens_CreatedByToken",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "CreatedByKind",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "MayOutlive",
                table: "Tokens");
        }
    }
}
