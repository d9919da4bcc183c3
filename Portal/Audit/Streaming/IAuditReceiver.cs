namespace Portal.Audit.Streaming;

/// <summary>An audit entry for a receiver outside Portal.</summary>
/// <param name="At">UTC.</param>
/// <param name="Action">The code of the action.</param>
/// <param name="ClassUid">The class of the event in OCSF.</param>
/// <param name="IsRefusal">Whether something was refused.</param>
/// <param name="Hash">In lower-case hexadecimal digits; null: the entry is older than the hashes.</param>
/// <param name="Body">The event as JSON.</param>
public sealed record StreamedEntry(long Id, DateTime At, string Action, int ClassUid, bool IsRefusal, string? Hash, string Body);

/// <summary>Takes the entries of the audit log, in order.</summary>
public interface IAuditReceiver
{
    /// <returns>Whether the receiver has confirmed all of them. If not, it may still have some.</returns>
    Task<bool> SendAsync(IReadOnlyList<StreamedEntry> entries, CancellationToken cancellation);
}
