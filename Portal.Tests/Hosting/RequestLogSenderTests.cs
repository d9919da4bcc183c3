using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using Portal.Hosting.RequestLogs;
using Portal.Statistics;
using Portal.Statistics.Export;
using Portal.Tests.Gateway;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>Requests are sent to a collector, which is a real server.</summary>
public sealed class RequestLogSenderTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricRecorder _metrics;
    private readonly ConcurrentQueue<string> _got = new();

    public RequestLogSenderTests() => _metrics = new MetricRecorder(_services);

    private string[] Counted => _metrics.Read("portal.requests.export");

    public void Dispose()
    {
        _metrics.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Send_MoreThanABatch_SendsEachOnceWithItsTimeAndAddress()
    {
        await using var collector = await TestUpstream.StartAsync(TakeAsync);
        var export = Export(new RequestExportOptions { Enabled = true, Addresses = true });
        for (var i = 0; i < 600; i++)
            export.Add(Request($"/contracts/{i};"));
        await SendAsync(export, collector.Address);

        var sent = string.Concat(_got);
        Assert.All(Enumerable.Range(0, 600), i => Assert.Contains($"/contracts/{i};", sent, StringComparison.Ordinal));
        Assert.Contains("2001:db8::7", sent, StringComparison.Ordinal);
        // Nanoseconds since 1970, as eight bytes.
        Assert.Contains(Encoding.Latin1.GetString(BitConverter.GetBytes((Request("").At - DateTime.UnixEpoch).Ticks * 100)), sent, StringComparison.Ordinal);
        Assert.Equal(["portal.requests.export sent 600"], Counted);
    }

    [Fact]
    public async Task Send_CollectorRefuses_CountsThemAsFailed()
    {
        await using var collector = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
        var export = Export(new RequestExportOptions { Enabled = true });
        export.Add(Request("/contracts"));
        await SendAsync(export, collector.Address);
        Assert.Equal(["portal.requests.export failed 1"], Counted);
    }

    [Fact]
    public void Add_MoreThanMayWait_DropsAndCountsThem()
    {
        var export = Export(new RequestExportOptions { Enabled = true });
        for (var i = 0; i < RequestExport.MostWaiting + 3; i++)
            export.Add(Request("/contracts"));
        Assert.Equal(RequestExport.MostWaiting, export.Waiting);
        Assert.Equal(["portal.requests.export dropped 3"], Counted);
        // An address is kept only if it is exported, and of a very long path only the beginning.
        export.Take(1);
        Assert.All(export.Take(10), request => Assert.Null(request.Address));
        export.Add(Request(new string('x', 100_000)));
        Assert.InRange(export.Take(int.MaxValue)[^1].Path!.Length, RecentRequest.LongestPath, 1_000);
    }

    [Fact]
    public void Add_Ratio_KeepsASample()
    {
        var export = Export(new RequestExportOptions { Enabled = true, Ratio = 0.5 });
        for (var i = 0; i < 10_000; i++)
            export.Add(Request("/contracts"));
        // Twenty standard deviations.
        Assert.InRange(export.Waiting, 4_000, 6_000);
        var off = Export(new RequestExportOptions());
        off.Add(Request("/contracts"));
        Assert.Equal((false, 0), (off.IsOn, off.Waiting));
    }

    private static ExportedRequest Request(string path) => new(
        new DateTime(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc), "SU-111-222-333", "GET", path, "MD-0002", 200, "", TimeSpan.FromMilliseconds(5), null, IPAddress.Parse("2001:db8::7"));

    private static async Task SendAsync(RequestExport export, string collector)
    {
        using var sender = new RequestLogSender(
            export, new OtlpExporterOptions { Endpoint = new Uri(collector + "/v1/logs"), Protocol = OtlpExportProtocol.HttpProtobuf }, ResourceBuilder.CreateDefault(), TimeProvider.System);
        await sender.StartAsync(TestContext.Current.CancellationToken);
        await sender.StopAsync(TestContext.Current.CancellationToken);
    }

    private RequestExport Export(RequestExportOptions options) =>
        new(Options.Create(options), new FlushMetrics(_services.GetRequiredService<IMeterFactory>(), new RequestCounters(), TimeProvider.System));

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        _got.Enqueue(await reader.ReadToEndAsync());
        context.Response.ContentType = context.Request.ContentType;
    }
}
