using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The owner of tokens and users. Every query is scoped by its <see cref="Id"/>.</summary>
public sealed class Account
{
    public const int NameLength = 64;

    /// <summary>Public identifier, <c>PA-160-984</c>.</summary>
    public required string Id { get; init; }

    public required string Name { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> entity)
        {
            entity.ToTable("Accounts");
            entity.Property(account => account.Id).HasMaxLength(16);
            entity.Property(account => account.Name).HasMaxLength(NameLength);
        }
    }
}
