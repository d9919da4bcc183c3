using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Sqlite.Migrations
{
    /// <summary>Adds the keys by which lists sort names. <c>NameSortKeyFill</c> computes those of existing tokens after the start.</summary>
    public partial class NameOrder : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "NameSortKey",
                table: "Tokens",
                type: "BLOB",
                maxLength: 512,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "NameCollation",
                table: "Installation",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Tokens_NameOrder",
                table: "Tokens",
                columns: new[] { "AccountId", "DeletedAt", "NameSortKey" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Tokens_NameOrder",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "NameSortKey",
                table: "Tokens");

            migrationBuilder.DropColumn(
                name: "NameCollation",
                table: "Installation");
        }
    }
}
