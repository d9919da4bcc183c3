using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Hosting;
using Portal.Mail;

namespace Portal.Commands.Checks;

/// <summary>Checks everything that an installation needs, in an order in which a later check relies on the earlier ones.</summary>
internal static class InstallationChecks
{
    private const string Configuration = "configuration", Upstreams = "upstreams", Mail = "mail";

    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Finding>> RunAsync(Func<WebApplication> build, CancellationToken cancellation)
    {
        var (app, finding) = CheckConfiguration(build);
        if (app is null)
            return [finding];
        await using (app)
            return
            [
                finding,
                .. ExposureChecks.Run(app.Configuration, app.Environment),
                .. await DataChecks.RunAsync(app.Services, cancellation),
                .. finding.Status == FindingStatus.Ok
                    ? [.. await CheckUpstreamsAsync(app, cancellation), await CheckMailAsync(app, cancellation), await LimitStoreCheck.RunAsync(app.Services, cancellation), .. await ProviderChecks.RunAsync(app.Services, cancellation)]
                    : Array.Empty<Finding>(),
            ];
    }

    /// <summary>Validates all settings, as a start does.</summary>
    /// <returns>The services, unless they can't even be created.</returns>
    private static (WebApplication? App, Finding Finding) CheckConfiguration(Func<WebApplication> build)
    {
        WebApplication? app = null;
        try
        {
            app = build();
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return (app, Finding.Ok(Configuration, $"All settings are valid. The environment is {app.Environment.EnvironmentName}."));
        }
        catch (Exception exception) when (StartupFailure.Describe(exception) is { } advice)
        {
            return (app, Finding.Failure(Configuration, advice));
        }
    }

    private static async Task<List<Finding>> CheckUpstreamsAsync(WebApplication app, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var upstreams = app.Services.GetRequiredService<CurrentUpstreams>().All;
        string[] without = [.. app.Services.GetRequiredService<ModuleCatalog>().Modules.Where(module => !upstreams.ContainsKey(module.Id)).Select(module => module.Name)];
        if (without.Length > 0 && !app.Environment.IsDevelopment())
            findings.Add(Finding.Warning(Upstreams, $"Without an upstream, these modules return 503: {string.Join(", ", without)}. Set their Upstream, unless Portal serves them itself or forward authentication is used."));
        else if (upstreams.Count == 0)
            findings.Add(Finding.Ok(Upstreams, "None is configured. In Development, modules return samples."));
        foreach (var destination in upstreams.Values.SelectMany(upstream => upstream.Destinations).Distinct(StringComparer.Ordinal))
            findings.Add(await ConnectAsync(destination, cancellation));
        return findings;
    }

    private static async Task<Finding> CheckMailAsync(WebApplication app, CancellationToken cancellation)
    {
        var sender = app.Services.GetRequiredService<MailSender>();
        if (!sender.IsOn)
            return Finding.Ok(Mail, "No mail server is configured. Administrators hand out links for invitations and new passwords themselves.");
        var host = app.Services.GetRequiredService<IOptions<MailOptions>>().Value.Host;
        return await sender.CheckAsync(cancellation) is { } reason
            ? Finding.Failure(Mail, $"{host} can't be used: {reason}. Correct the settings under Mail.")
            : Finding.Ok(Mail, $"{host} accepts the connection and the user.");
    }

    private static async Task<Finding> ConnectAsync(string destination, CancellationToken cancellation)
    {
        var address = new Uri(destination);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestConnect);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port, patience.Token);
            return Finding.Ok(Upstreams, $"{destination} accepts connections.");
        }
        catch (SocketException exception)
        {
            return Finding.Failure(Upstreams, $"{destination} can't be reached ({exception.Message.TrimEnd('.')}). Start it, or correct its address.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Finding.Failure(Upstreams, string.Create(CultureInfo.InvariantCulture, $"{destination} doesn't answer within {LongestConnect.TotalSeconds} seconds. Check its address and the firewall."));
        }
    }
}
