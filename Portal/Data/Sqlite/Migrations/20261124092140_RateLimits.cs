using Microsoft.EntityFrameworkCore.Migrations;
using Portal.Authentication;
using Portal.Tokens;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class RateLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "RateLimit",
                table: "Tokens",
                type: "TEXT",
                maxLength: 24,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "RateLimit",
                table: "Tokens");
        }
    }
}
