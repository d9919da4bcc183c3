using Portal.Access;
using Portal.Accounts;
using Portal.Api;
using Portal.Audit;
using Portal.Authentication;
using Portal.Authentication.Cors;
using Portal.Catalog;
using Portal.Commands;
using Portal.Components;
using Portal.Components.Localization;
using Portal.Data;
using Portal.Gateway;
using Portal.Hosting;
using Portal.Hosting.Https;
using Portal.IpRules;
using Portal.Mail;
using Portal.Nodes;
using Portal.Policies;
using Portal.Notices;
using Portal.Notices.Screen;
using Portal.Scim;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.List;
using Portal.Webhooks;

try
{
    if (CommandLine.IsCommand(args))
        return await CommandLine.RunAsync(args, AddParts);

    await using var run = PortalRun.Parse(args);
    var builder = run.CreateBuilder();
    AddParts(builder);

    await using var app = builder.Build();
    await run.PrepareAsync(app);

    app.UsePublicPath(); // Before any middleware that reads the path.
    app.UseRole();
    app.UseForwardAuth(); // Before the trusted proxies: the address of the connection itself decides who may ask.
    app.UseTrustedProxies();
    app.UseCorsForApi(); // Before any middleware that refuses requests, so that pages can read the reason.
    app.UseAllowedHosts();
    app.UseHttpsOnly();
    app.UseApiKeys(); // Everything after this is for people; programs don't need it and shouldn't pay for it.
    app.UseScim();
    app.UseHttpContextAccessor();
    app.UsePageLanguage();
    app.UsePortalSecurityHeaders();
    app.UseErrorPages();
    app.UseRouting();
    app.UseFirstRun();
    app.UseAuthentication();
    app.UseClientAddresses();
    app.UseAddressCleaning();
    app.UseAuthorization();
    app.UseSecondFactorPolicy();
    app.UsePageForms();

    app.MapStaticAssets().AllowAnonymous();
    app.MapPortalApi();
    app.MapGateway();
    app.MapAccounts();
    app.MapTokenDownloads();
    app.MapTokenExports();
    app.MapAuditExports();
    app.MapCalendar();
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

static void AddParts(WebApplicationBuilder builder)
{
    builder.AddReusedContexts();
    builder.AddPublicAddress();
    builder.AddData();
    builder.AddCatalog();
    builder.AddAccess();
    builder.AddNodeList();
    builder.AddAudit();
    builder.AddStatistics();
    builder.AddMail();
    builder.AddPolicies();
    builder.AddAccounts();
    builder.AddScim();
    builder.AddIpRules();
    builder.AddTokens();
    builder.AddWebhooks();
    builder.AddNotices();
    builder.AddApiKeyAuthentication();
    builder.AddPortalApi();
    builder.AddGateway();
    builder.AddPageLanguages();
    builder.AddPages();
    builder.AddTelemetry();
}
