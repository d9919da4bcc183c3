using Microsoft.EntityFrameworkCore.Migrations;
using Portal.Data;

#nullable disable

namespace Portal.Data.Migrations
{
    /// <inheritdoc />
    public partial class StatisticsByDay : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_DailyCounts_Day",
                table: "DailyCounts",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_LatencyCounts_Day",
                table: "LatencyCounts",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_RecentRequests_LastOn",
                table: "RecentRequests",
                column: "LastOn");

            migrationBuilder.CreateIndex(
                name: "IX_SeenAddresses_LastSeenOn",
                table: "SeenAddresses",
                column: "LastSeenOn");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_DailyCounts_Day",
                table: "DailyCounts");

            migrationBuilder.DropIndex(
                name: "IX_LatencyCounts_Day",
                table: "LatencyCounts");

            migrationBuilder.DropIndex(
                name: "IX_RecentRequests_LastOn",
                table: "RecentRequests");

            migrationBuilder.DropIndex(
                name: "IX_SeenAddresses_LastSeenOn",
                table: "SeenAddresses");
        }
    }
}
