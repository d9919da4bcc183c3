using Portal.Access;
using Portal.Accounts;
using Portal.Audit;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Mail;
using Portal.Notices;
using Portal.Policies;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Webhooks;

namespace Portal.Bench.Seeds;

/// <summary>Provides Portal's own services for a data directory, without the server.</summary>
internal static class PortalServices
{
    /// <param name="program">The folder that Portal was published to; its settings are read from there.</param>
    /// <param name="settings">Additional settings.</param>
    public static async Task<WebApplication> OpenAsync(string program, string dataDirectory, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = program });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            [new(DataDirectory.SettingName, dataDirectory), .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddData();
        builder.AddCatalog();
        builder.AddAccess();
        builder.AddAudit();
        builder.AddStatistics();
        builder.AddMail();
        builder.AddPolicies();
        builder.AddAccounts();
        builder.AddIpRules();
        builder.AddTokens();
        builder.AddWebhooks();
        builder.AddNotices();
        builder.AddApiKeyAuthentication();
        var app = builder.Build();
        await app.Services.MigrateDatabaseAsync();
        return app;
    }
}
