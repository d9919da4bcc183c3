using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Hosting;

namespace Portal.Commands.Checks;

/// <summary>Checks everything that an installation needs, in an order in which a later check relies on the earlier ones.</summary>
internal static class InstallationChecks
{
    private const string Configuration = "configuration", Upstreams = "upstreams";

    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(3);

    public static async IAsyncEnumerable<Finding> RunAsync(Func<WebApplication> build, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (app, finding) = CheckConfiguration(build);
        yield return finding;
        if (app is null)
            yield break;
        await using (app)
        {
            await foreach (var next in DataChecks.RunAsync(app.Services, cancellation))
                yield return next;
            if (finding.Status == FindingStatus.Ok)
                await foreach (var next in CheckUpstreamsAsync(app, cancellation))
                    yield return next;
        }
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

    private static async IAsyncEnumerable<Finding> CheckUpstreamsAsync(WebApplication app, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var upstreams = app.Services.GetRequiredService<CurrentUpstreams>().All;
        string[] without = [.. app.Services.GetRequiredService<ModuleCatalog>().Modules.Where(module => !upstreams.ContainsKey(module.Id)).Select(module => module.Name)];
        if (without.Length > 0 && !app.Environment.IsDevelopment())
            yield return Finding.Warning(Upstreams, $"Without an upstream, these modules return 503: {string.Join(", ", without)}. Set their Upstream, unless Portal serves them itself or forward authentication is used.");
        else if (upstreams.Count == 0)
            yield return Finding.Ok(Upstreams, "None is configured. In Development, modules return samples.");
        foreach (var destination in upstreams.Values.SelectMany(upstream => upstream.Destinations).Distinct(StringComparer.Ordinal))
            yield return await ConnectAsync(new Uri(destination), cancellation);
    }

    private static async Task<Finding> ConnectAsync(Uri destination, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestConnect);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(destination.Host, destination.Port, patience.Token);
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
