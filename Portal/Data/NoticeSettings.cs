using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>How often a person gets mails with notices. The database stores the number.</summary>
public enum NoticeDigest
{
    /// <summary>A mail for each notice, at once.</summary>
    Off,
    Daily,
    Weekly,
}

/// <summary>Which notices a user gets by mail. A user without this row gets those of their own tokens, at once.</summary>
public sealed class NoticeSettings
{
    public const int MutedLength = 400;

    public required string UserId { get; init; }

    public NoticeDigest Digest { get; set; }

    /// <summary>The kinds of notices that the user doesn't want, separated by commas.</summary>
    public string Muted { get; set; } = "";

    /// <summary>Whether an administrator also gets the notices of tokens that have an owner or a contact.</summary>
    public bool AllTokens { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<NoticeSettings>
    {
        public void Configure(EntityTypeBuilder<NoticeSettings> entity)
        {
            entity.ToTable("NoticeSettings");
            entity.HasKey(settings => settings.UserId);
            entity.Property(settings => settings.Muted).HasMaxLength(MutedLength);
            entity.HasOne<PortalUser>().WithOne().HasForeignKey<NoticeSettings>(settings => settings.UserId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
