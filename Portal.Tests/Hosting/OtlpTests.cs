using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portal.Tests.Gateway;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>The data that a collector gets, read as bytes: names and values are contained as plain text.</summary>
[Slow]
public sealed class OtlpTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c", ClientsSpan = "b7ad6b7169203331", CollectorsKey = "let-me-in-7f3a";

    [Fact]
    public async Task Collector_GetsMetricsTracesAndLogs_AndNoSecret()
    {
        await using var collector = await Collector.StartAsync();
        await using var portal = await WatchedPortal.StartAsync(
            ("Telemetry:Otlp:Endpoint", collector.Address), ("Telemetry:Otlp:Protocol", "HttpProtobuf"), ("Telemetry:Otlp:Headers", $"x-collector-key={CollectorsKey}"),
            ("Telemetry:Requests:Enabled", "true"), ("Logging:LogLevel:Portal", "Debug"), ("Audit:Stream:Enabled", "true"), ("Audit:Stream:From", "Beginning"));
        using var served = await portal.CallAsync($"/agreements?key={portal.Secret}", ("traceparent", $"00-{TraceId}-{ClientsSpan}-01"));
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        using var refused = await portal.GetAsync("/public/v1/agreements", portal.Key.ToHeaderValue() + "0");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        portal.Upstream.Answer = Abort;
        using var failed = await portal.CallAsync("/agreements");
        var id = (await ErrorBody.ReadAsync(failed)).RequestId;
        (await portal.GetAsync("/health/live", null)).Dispose();
        var code = portal.Process.SetupCode;
        await portal.Process.StopAsync();

        foreach (var name in new[] { "portal.audit.stream.waiting", "portal.verifications", "portal.credential_cache.lookups", "portal.upstream.duration", "portal.statistics.queue", "http.server.request.duration" })
            Assert.Contains(name, collector.Got("/v1/metrics"), StringComparison.Ordinal);
        foreach (var part in new[] { "portal.verify", "portal.outcome", "unauthorized", "MD-0002", "http.route", Encoding.Latin1.GetString(Convert.FromHexString(TraceId)) })
            Assert.Contains(part, collector.Got("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("/health", collector.Got("/v1/traces"), StringComparison.Ordinal);
        string[] logged =
        [
            "The upstream of Agreements (MD-0002) failed", id, "Portal.Audit.Stream", "\"event_code\":\"token.created\"", "portal.audit.hash",
            "Portal.Requests", "GET /public/v1/agreements 200", "portal.token.handle", portal.Key.Handle, "GTW_002",
        ];
        foreach (var part in logged)
            Assert.Contains(part, collector.Got("/v1/logs"), StringComparison.Ordinal);
        Assert.DoesNotContain("client.address", collector.Got("/v1/logs"), StringComparison.Ordinal);
        Assert.NotEmpty(code);
        foreach (var secret in new[] { portal.Secret, code, portal.Key.ToHeaderValue() })
            Assert.DoesNotContain(secret, collector.Got(""), StringComparison.Ordinal);
        Assert.All(collector.Keys, key => Assert.Equal(CollectorsKey, key));
        Assert.DoesNotContain(CollectorsKey, portal.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(portal.Secret, portal.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upstream_WhileTracing_IsAChildOfPortalsStepInTheClientsTrace()
    {
        await using var collector = await Collector.StartAsync();
        await using var portal = await WatchedPortal.StartAsync(("Telemetry:Otlp:Endpoint", collector.Address), ("Telemetry:Otlp:Protocol", "HttpProtobuf"));
        (await portal.CallAsync("/agreements", ("traceparent", $"00-{TraceId}-{ClientsSpan}-01"), ("tracestate", "vendor=1"))).Dispose();
        (await portal.CallAsync("/agreements")).Dispose();
        await portal.Process.StopAsync();
        var (joined, begun) = (portal.Upstream.Seen.First().Headers, portal.Upstream.Seen.Last().Headers);
        Assert.Matches($"^00-{TraceId}-(?!{ClientsSpan})[0-9a-f]{{16}}-01$", joined["traceparent"]);
        Assert.Equal("vendor=1", joined["tracestate"]);
        Assert.Matches($"^00-(?!{TraceId})[0-9a-f]{{32}}-[0-9a-f]{{16}}-01$", begun["traceparent"]);
        // The collector has the span that was sent to the upstream as its parent.
        Assert.Contains(
            Encoding.Latin1.GetString(Convert.FromHexString(joined["traceparent"].Split('-')[2])), collector.Got("/v1/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandardVariables_AloneAreEnough()
    {
        await using var collector = await Collector.StartAsync();
        await using var portal = await WatchedPortal.StartAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_SERVICE_NAME", "our-portal"));
        (await portal.CallAsync("/agreements")).Dispose();
        await portal.Process.StopAsync();
        foreach (var signal in new[] { "/v1/metrics", "/v1/traces", "/v1/logs" })
            Assert.Contains("our-portal", collector.Got(signal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_IsTheProtocolByDefault()
    {
        await using var collector = await Collector.StartAsync(HttpProtocols.Http2);
        await using var portal = await WatchedPortal.StartAsync(("Telemetry:Otlp:Endpoint", collector.Address), ("Audit:Stream:Enabled", "true"), ("Audit:Stream:From", "Beginning"));
        (await portal.CallAsync("/agreements")).Dispose();
        // What waits when Portal stops is sent after the next start.
        await collector.WaitForAsync("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "\"event_code\":\"token.created\"");
        await portal.Process.StopAsync();
        foreach (var (service, part) in new[] { ("metrics.v1.MetricsService", "portal.verifications"), ("trace.v1.TraceService", "portal.verify"), ("logs.v1.LogsService", "listening") })
            Assert.Contains(part, collector.Got($"/opentelemetry.proto.collector.{service}/Export"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collector_ThatIsNotThere_IsToldOfInTheLogOnceAndHoldsUpNobody()
    {
        string nobody;
        await using (var collector = await Collector.StartAsync())
            nobody = collector.Address;
        await using var portal = await WatchedPortal.StartAsync(
            ("Telemetry:Otlp:Endpoint", nobody), ("Telemetry:Otlp:Protocol", "HttpProtobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        const string told = "Portal could not send data to the collector: ";
        await portal.Process.WaitForOutputAsync(told);
        using var served = await portal.CallAsync("/agreements");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        await portal.Process.StopAsync();
        Assert.Single(portal.Process.Output.Split('\n'), line => line.Contains(told, StringComparison.Ordinal));
        Assert.Contains(nobody, portal.Process.Output, StringComparison.Ordinal);
    }

    private static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _got = new();
        private TestUpstream _server = null!;

        public string Address => _server.Address;

        public IEnumerable<string?> Keys => _server.Seen.Select(request => request.Headers.GetValueOrDefault("x-collector-key"));

        public static async Task<Collector> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
        {
            var collector = new Collector();
            collector._server = await TestUpstream.StartAsync(collector.TakeAsync, protocols);
            return collector;
        }

        /// <summary>Returns all bodies that were sent to paths with this beginning, with one character per byte.</summary>
        public string Got(string path) => string.Concat(_got.Where(got => got.Path.StartsWith(path, StringComparison.Ordinal)).Select(got => got.Body));

        public async Task WaitForAsync(string path, string part)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!Got(path).Contains(part, StringComparison.Ordinal))
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
            _got.Enqueue((context.Request.Path.Value!, await reader.ReadToEndAsync()));
            context.Response.ContentType = context.Request.ContentType;
            if (context.Response.SupportsTrailers())
                context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
