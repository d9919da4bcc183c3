using System.Globalization;
using Portal.Localization;

namespace Portal.Notices;

/// <summary>The time of a reader: their zone, and the present.</summary>
/// <param name="Now">UTC.</param>
internal sealed record ReaderMoment(TimeZoneInfo Zone, DateTime Now)
{
    /// <summary>The number of midnights between now and a time, in the reader's zone. Negative: it is past.</summary>
    public int DaysUntil(DateTime utc) => DayOf(utc).DayNumber - DayOf(Now).DayNumber;

    /// <summary>Writes a time with the name of the zone.</summary>
    public string Write(DateTime utc)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, Zone);
        return Texts.NoticeMail_Moment.With(ReaderDate.Write(DateOnly.FromDateTime(local)), local.ToString("t", CultureInfo.CurrentCulture), Zone.Id);
    }

    private DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, Zone));
}

/// <summary>What a notice says, in the reader's language.</summary>
internal static class NoticeTexts
{
    /// <summary>The name of a kind.</summary>
    public static string NameOf(string kind) => kind switch
    {
        NoticeKind.RetiredKeyUsed => Texts.NoticeKind_RetiredKeyUsed,
        NoticeKind.ExpiredCalled => Texts.NoticeKind_ExpiredCalled,
        NoticeKind.NewNetwork => Texts.NoticeKind_NewNetwork,
        NoticeKind.RateLimited => Texts.NoticeKind_RateLimited,
        NoticeKind.RefusedMore => Texts.NoticeKind_RefusedMore,
        NoticeKind.Idle => Texts.NoticeKind_Idle,
        NoticeKind.Rotation => Texts.NoticeKind_Rotation,
        NoticeKind.WebhookOff => Texts.NoticeKind_WebhookOff,
        NoticeKind.ApprovalRequested => Texts.NoticeKind_ApprovalRequested,
        NoticeKind.ApprovalDecided => Texts.NoticeKind_ApprovalDecided,
        _ => Texts.NoticeKind_Expiring,
    };

    /// <summary>The title and the text of a notice.</summary>
    /// <param name="name">The name of the token, or the address of the webhook endpoint.</param>
    public static (string Title, string Text) Describe(string kind, string name, string handle, DateTime? expiresAt, ReaderMoment moment) => kind switch
    {
        NoticeKind.RetiredKeyUsed => (Texts.NoticeMail_RetiredKeyUsed.With(name), Texts.NoticeMail_RetiredKeyUsedText.With(name, handle)),
        NoticeKind.ExpiredCalled => (Texts.NoticeMail_ExpiredCalled.With(name), Texts.NoticeMail_ExpiredCalledText.With(name, handle)),
        NoticeKind.NewNetwork => (Texts.NoticeMail_NewNetwork.With(name), Texts.NoticeMail_NewNetworkText.With(name, handle)),
        NoticeKind.RateLimited => (Texts.NoticeMail_RateLimited.With(name), Texts.NoticeMail_RateLimitedText.With(name, handle)),
        NoticeKind.RefusedMore => (Texts.NoticeMail_RefusedMore.With(name), Texts.NoticeMail_RefusedMoreText.With(name, handle)),
        NoticeKind.Idle => (Texts.NoticeMail_Idle.With(name), Texts.NoticeMail_IdleText.With(name, handle)),
        NoticeKind.Rotation => (Texts.NoticeMail_Rotation.With(name), Texts.NoticeMail_RotationText.With(name, handle)),
        NoticeKind.WebhookOff => (Texts.NoticeMail_WebhookOff.With(name), Texts.NoticeMail_WebhookOffText.With(name)),
        NoticeKind.ApprovalRequested => (Texts.NoticeMail_ApprovalRequested.With(name), ""),
        NoticeKind.ApprovalDecided => (Texts.NoticeMail_ApprovalDecided.With(name), ""),
        _ when expiresAt is { } expires => (Expiration(name, expires, moment), (expires <= moment.Now ? Texts.NoticeMail_ExpiredText : Texts.NoticeMail_ExpiresText).With(name, handle, moment.Write(expires))),
        _ => (name, NameOf(kind)),
    };

    private static string Expiration(string name, DateTime expires, ReaderMoment moment) => moment.DaysUntil(expires) switch
    {
        _ when expires <= moment.Now => Texts.NoticeMail_Expired.With(name),
        0 => Texts.NoticeMail_ExpiresToday.With(name),
        1 => Texts.NoticeMail_ExpiresTomorrow.With(name),
        var days => Texts.NoticeMail_ExpiresInDays.With(name, days),
    };
}
