using Portal.Access;
using Portal.Accounts;
using Portal.Api;
using Portal.Audit;
using Portal.Authentication;
using Portal.Authentication.Cors;
using Portal.Catalog;
using Portal.Components;
using Portal.Components.Localization;
using Portal.Data;
using Portal.Gateway;
using Portal.Hosting;
using Portal.IpRules;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Details;

try
{
    await using var run = PortalRun.Parse(args);
    var builder = run.CreateBuilder();
    builder.AddReusedContexts();
    builder.AddPublicAddress();
    builder.AddData();
    builder.AddCatalog();
    builder.AddAccess();
    builder.AddAudit();
    builder.AddStatistics();
    builder.AddAccounts();
    builder.AddIpRules();
    builder.AddTokens();
    builder.AddApiKeyAuthentication();
    builder.AddPortalApi();
    builder.AddGateway();
    builder.AddPageLanguages();
    builder.AddPages();
    builder.AddTelemetry();

    await using var app = builder.Build();
    await run.PrepareAsync(app);

    app.UsePublicPath(); // Before all that reads the path.
    app.UseForwardAuth(); // Before the trusted proxies: who may ask is a matter of the connection itself.
    app.UseTrustedProxies();
    app.UseCorsForApi(); // Before all that refuses, so that pages can read why.
    app.UseAllowedHosts();
    app.UseApiKeys(); // Programs need none of what follows, which is for people, and would pay for it.
    app.UseHttpContextAccessor();
    app.UsePageLanguage();
    app.UsePortalSecurityHeaders();
    app.UseErrorPages();
    app.UseRouting();
    app.UseFirstRun();
    app.UseAuthentication();
    app.UseAddressCleaning();
    app.UseAuthorization();
    app.UsePageForms();

    app.MapStaticAssets().AllowAnonymous();
    app.MapPortalApi();
    app.MapGateway();
    app.MapAccounts();
    app.MapTokenDownloads();
    app.MapPages();
    app.MapTelemetry();

    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartupFailure.Describe(exception) is { } advice)
{
    await Console.Error.WriteLineAsync(advice);
    return 1;
}
