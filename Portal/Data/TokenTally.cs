using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Portal.Data;

/// <summary>What the database itself keeps count of for each account, whoever changes its tokens.</summary>
/// <remarks>By triggers and not by the services: in the change's own transaction, so that it can't be forgotten or be wrong.</remarks>
public sealed class TokenTally
{
    public required string AccountId { get; init; }

    /// <summary>Another one whenever something of the account's tokens changed by which they are found; use changes nothing.</summary>
    public long Version { get; init; }

    /// <summary>Tokens that are not deleted.</summary>
    public int Kept { get; init; }

    /// <summary>Makes the triggers. A migration that rebuilds the table of the tokens or of their permissions takes them with it, and must
    /// call this after.</summary>
    internal static void AddTriggers(MigrationBuilder migration)
    {
        foreach (var (name, when, change) in Triggers)
            migration.Sql($"CREATE TRIGGER \"{name}\" AFTER {when} BEGIN {change} END;");
    }

    internal static void DropTriggers(MigrationBuilder migration)
    {
        foreach (var (name, _, _) in Triggers)
            migration.Sql($"DROP TRIGGER \"{name}\";");
    }

    private static (string Name, string When, string Change)[] Triggers =>
    [
        ("TR_Tokens_Insert", "INSERT ON \"Tokens\"", """
            INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept") VALUES (NEW."AccountId", 1, NEW."DeletedAt" IS NULL)
            ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "Version" + 1, "Kept" = "Kept" + excluded."Kept";
            """),
        ("TR_Tokens_Update", """
            UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens"
            """, """
            UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
            WHERE "AccountId" = NEW."AccountId";
            """),
        ("TR_Tokens_Delete", "DELETE ON \"Tokens\"", """
            UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL) WHERE "AccountId" = OLD."AccountId";
            """),
        ("TR_TokenPermissions_Insert", "INSERT ON \"TokenPermissions\"", ByPermission("NEW")),
        ("TR_TokenPermissions_Delete", "DELETE ON \"TokenPermissions\"", ByPermission("OLD")),
    ];

    private static string ByPermission(string row) => $"""
        UPDATE "TokenTallies" SET "Version" = "Version" + 1
        WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = {row}."TokenId");
        """;

    internal sealed class Configuration : IEntityTypeConfiguration<TokenTally>
    {
        public void Configure(EntityTypeBuilder<TokenTally> entity)
        {
            entity.ToTable("TokenTallies");
            entity.HasKey(tally => tally.AccountId);
        }
    }
}
