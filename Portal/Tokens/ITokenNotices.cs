using Portal.Data;

namespace Portal.Tokens;

/// <summary>A notice about a token.</summary>
/// <param name="Kind">Ends the code of the audit entry, as in <c>notice.idle</c>.</param>
/// <param name="Key">As <see cref="Notice.Key"/>.</param>
/// <param name="IsUrgent">Whether the mail is sent at once to readers of a digest, too.</param>
/// <param name="Details">For the audit entry. Never a secret.</param>
public sealed record TokenNotice(
    string AccountId, long TokenId, string Handle, string TokenName, string Kind, string Key, bool IsUrgent, IReadOnlyDictionary<string, object?> Details);

/// <summary>Tells people about tokens.</summary>
public interface ITokenNotices
{
    /// <summary>Adds the notice, its mails and its audit entry, which the caller saves in one transaction.</summary>
    Task AddAsync(PortalDbContext context, TokenNotice notice, DateTime now, CancellationToken cancellation);
}
