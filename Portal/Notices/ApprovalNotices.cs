using System.Globalization;
using Portal.Data;
using Portal.Tokens.Approvals;

namespace Portal.Notices;

/// <inheritdoc cref="IApprovalNotices"/>
internal sealed class ApprovalNotices(ReaderFinder readers, NoticeRows rows) : IApprovalNotices
{
    /// <inheritdoc/>
    public async Task AddRequestedAsync(PortalDbContext context, ApprovalRequest request, DateTime now, CancellationToken cancellation) =>
        rows.AddMails(
            context, request.AccountId, NoticeKind.ApprovalRequested, KeyOf(request.Id, "requested"),
            await readers.FindAdministratorsAsync(context, request.AccountId, NoticeKind.ApprovalRequested, cancellation), now);

    /// <inheritdoc/>
    public async Task AddDecidedAsync(PortalDbContext context, ApprovalRequest request, DateTime now, CancellationToken cancellation) =>
        rows.AddMails(
            context, request.AccountId, NoticeKind.ApprovalDecided, KeyOf(request.Id, "decided"),
            await readers.FindUserAsync(context, request.AccountId, request.RequestedById, NoticeKind.ApprovalDecided, cancellation), now);

    /// <summary>Reads the ID of the request in a key.</summary>
    /// <returns>Null: the notice is about something else.</returns>
    internal static long? RequestOf(string key) =>
        key.Split(':') is ["approval", var id, _] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string KeyOf(long requestId, string occasion) => string.Create(CultureInfo.InvariantCulture, $"approval:{requestId}:{occasion}");
}
