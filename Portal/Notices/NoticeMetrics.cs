using System.Diagnostics.Metrics;
using Portal.Mail;

namespace Portal.Notices;

/// <summary>The meter <see cref="MeterName"/>: whether notices reach people.</summary>
public sealed class NoticeMetrics
{
    public const string MeterName = "Portal.Notices";

    private readonly Counter<long> _mails;

    public NoticeMetrics(IMeterFactory meters, NoticeMailStatus status)
    {
        var meter = meters.Create(MeterName);
        _mails = meter.CreateCounter<long>("portal.notices.mails", "{mail}", "Mails with notices, by outcome.");
        meter.CreateObservableGauge("portal.notices.failing", () => status.Reason is null ? 0 : 1, description: "1 while the mail server takes no notices.");
    }

    internal void Sent(MailResult result) => _mails.Add(1, new KeyValuePair<string, object?>(
        "portal.outcome", result.Reason is null ? "sent" : result.IsServerFault ? "failed" : "refused"));
}
