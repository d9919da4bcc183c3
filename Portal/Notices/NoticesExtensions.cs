using Microsoft.Extensions.Options;
using Portal.Tokens;
using Portal.Tokens.Approvals;

namespace Portal.Notices;

/// <summary>Registers the services of this folder.</summary>
public static class NoticesExtensions
{
    public static void AddNotices(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<NoticeOptions>, NoticeOptionsValidator>();
        builder.Services.AddSingleton<ReaderFinder>();
        builder.Services.AddSingleton<NoticeRows>();
        builder.Services.AddSingleton<ITokenNotices, TokenNotices>();
        builder.Services.AddSingleton<IApprovalNotices, ApprovalNotices>();
        builder.Services.AddSingleton<ApprovalMails>();
        builder.Services.AddSingleton<NoticeTurns>();
        builder.Services.AddSingleton<ExpirySweep>();
        builder.Services.AddSingleton<ActivityWatch>();
        builder.Services.AddSingleton<WebhookWatch>();
        builder.Services.AddSingleton<NoticeQueue>();
        builder.Services.AddSingleton<NoticeMails>();
        builder.Services.AddSingleton<NoticeMailStatus>();
        builder.Services.AddSingleton<NoticeMetrics>();
        builder.Services.AddSingleton<NoticeMailer>();
        builder.Services.AddSingleton<NoticeWorker>();
        builder.Services.AddSingleton<NoticeList>();
        builder.Services.AddSingleton<NoticeSettingsService>();
        builder.Services.AddSingleton<CalendarService>();
        builder.Services.AddSingleton<NoticePruner>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NoticeWorker>());
        builder.Services.AddHostedService(services => services.GetRequiredService<NoticePruner>());
    }
}
