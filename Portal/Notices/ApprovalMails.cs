using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Localization;
using Portal.Mail;
using Portal.Tokens.Approvals;

namespace Portal.Notices;

/// <summary>Writes the mails about requests for approval. Their links lead to the page of the request, where people sign in and then decide.</summary>
internal sealed class ApprovalMails(ApprovalTexts texts)
{
    /// <summary>Reads the requests of waiting mails. Those that were decided in the meantime need no decision, and are left out.</summary>
    /// <param name="rows">The IDs of <see cref="NoticeRecipient"/>s.</param>
    public static async Task<IReadOnlyList<(string Kind, ApprovalRequest Request)>> ReadAsync(PortalDbContext context, IReadOnlyCollection<long> rows, DateTime now, CancellationToken cancellation)
    {
        var notices = await (
            from row in context.NoticeRecipients.AsNoTracking()
            where rows.Contains(row.Id)
            join notice in context.Notices on row.NoticeId equals notice.Id
            where notice.TokenId == null
            select new { notice.Kind, notice.Key }).ToListAsync(cancellation);
        var kinds = notices.Select(notice => (Id: ApprovalNotices.RequestOf(notice.Key), notice.Kind)).Where(notice => notice.Id is not null).ToLookup(notice => notice.Id!.Value, notice => notice.Kind);
        long[] ids = [.. kinds.Select(group => group.Key)];
        var requests = ids.Length == 0 ? [] : await context.ApprovalRequests.AsNoTracking().Where(request => ids.Contains(request.Id)).ToListAsync(cancellation);
        return
        [
            .. from request in requests
               from kind in kinds[request.Id]
               where kind != NoticeKind.ApprovalRequested || (request.State == ApprovalState.Waiting && request.EndsAt > now)
               select (kind, request),
        ];
    }

    /// <summary>The page of a request, relative to the address of Portal.</summary>
    public static string PathOf(ApprovalRequest request) => $"approvals/{request.Id}";

    public MailMessage Write(NoticeMail mail, string kind, ApprovalRequest request, ReaderMoment moment)
    {
        var asks = kind == NoticeKind.ApprovalRequested;
        List<MailFact> facts = [new(Texts.Approval_Change, ApprovalTexts.ChangeOf(request.Kind)), new(Texts.Token_Name, request.TokenName)];
        if (request.TokenHandle is { } handle)
            facts.Add(new MailFact(Texts.Token_Handle, handle));
        if (request.Note is { } note)
            facts.Add(new MailFact(Texts.Approval_Note, note));
        if (request.Comment is { } comment)
            facts.Add(new MailFact(Texts.Approval_Comment, comment));
        return new MailMessage(
            mail.Email, NoticeTexts.Describe(kind, request.TokenName, "", null, moment).Title,
            asks ? [Texts.NoticeMail_ApprovalRequestedText.With(request.RequestedByName, moment.Write(request.EndsAt)), .. texts.RulesOf(request)] : [Outcome(request)],
            asks ? Texts.NoticeMail_ApprovalDecide : Texts.NoticeMail_ApprovalShow, PathOf(request))
        {
            Facts = facts,
            Closing = [asks ? Texts.NoticeMail_ApprovalBecauseAdministrator : Texts.NoticeMail_ApprovalBecauseYours],
        };
    }

    private static string Outcome(ApprovalRequest request) => request.State switch
    {
        ApprovalState.Approved => Texts.NoticeMail_ApprovalApproved.With(request.DecidedByName ?? ""),
        ApprovalState.Declined => Texts.NoticeMail_ApprovalDeclined.With(request.DecidedByName ?? ""),
        _ => Texts.NoticeMail_ApprovalExpired,
    };
}
