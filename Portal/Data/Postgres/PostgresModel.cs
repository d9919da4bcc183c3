using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Portal.Data.Postgres;

/// <summary>Adapts the model to PostgreSQL, so that it orders and compares like SQLite.</summary>
internal static class PostgresModel
{
    /// <summary>Orders by code points, whatever the server's language.</summary>
    private const string Collation = "C";

    public static void Adapt(ModelBuilder model)
    {
        model.HasDbFunction(typeof(DatabaseText).GetMethod(nameof(DatabaseText.MatchesPattern))!).HasName("portal_matches");
        model.HasDbFunction(typeof(DatabaseText).GetMethod(nameof(DatabaseText.Upper))!).HasName("portal_upper");
        foreach (var entity in model.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties().Where(property => property.ClrType == typeof(string) && !entity.IsMappedToJson()))
            {
                property.SetCollation(Collation);
                // Services check lengths, and count as .NET does.
                property.SetColumnType("text");
            }

            foreach (var index in entity.GetIndexes().Where(index => !index.IsUnique && index.Properties.Any(property => property.IsNullable)))
                SortNullsFirst(index);
        }
    }

    /// <summary>Gives the index the order that queries ask for.</summary>
    private static void SortNullsFirst(IMutableIndex index) =>
        index.SetNullSortOrder(index.Properties.Select(property => property.IsNullable ? NullSortOrder.NullsFirst : NullSortOrder.Unspecified).ToArray());
}
