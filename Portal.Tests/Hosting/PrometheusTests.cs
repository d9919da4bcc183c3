using System.Globalization;
using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

[Slow]
public sealed class PrometheusTests
{
    private static readonly (string, string) On = ("Telemetry:Prometheus:Enabled", "true"), TrustTheTest = ("Portal:TrustedProxies:0", "127.0.0.1");

    [Fact(Timeout = 120_000)]
    public async Task Scrape_AfterAFewRequests_HasTheirFigures()
    {
        await using var portal = await WatchedPortal.StartAsync(On);
        for (var i = 0; i < 3; i++)
            (await portal.CallAsync("/agreements?x=1")).Dispose();
        (await portal.GetAsync("/public/v1/agreements", "garbage")).Dispose();
        portal.Upstream.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        (await portal.CallAsync("/agreements")).Dispose();

        var text = await ScrapeAsync(portal);
        Assert.Equal(4, Value(text, "portal_verifications_total", "portal_outcome=\"accepted\""));
        Assert.Equal(1, Value(text, "portal_verifications_total", "portal_outcome=\"unauthorized\""));
        Assert.Equal(3, Value(text, "portal_credential_cache_lookups_total", "portal_cache_result=\"hit\""));
        Assert.Equal(1, Value(text, "portal_credential_cache_lookups_total", "portal_cache_result=\"miss\""));
        Assert.Equal(1, Value(text, "portal_credential_cache_entries", ""));
        Assert.Equal(3, Value(text, "portal_upstream_duration_seconds_count", "portal_outcome=\"answered\""));
        Assert.Equal(1, Value(text, "portal_upstream_duration_seconds_count", "portal_outcome=\"failed\""));
        Assert.Equal(1, Value(text, "portal_upstream_failures_total", "error_type=\"GTW_002\""));
        Assert.Equal(0, Value(text, "portal_statistics_failing", ""));
        Assert.Contains("http_server_request_duration_seconds_bucket", text, StringComparison.Ordinal);
        Assert.Contains("http_client_request_duration_seconds_bucket", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain(portal.Key.Handle, text, StringComparison.Ordinal);
        Assert.DoesNotContain(portal.Secret, text, StringComparison.Ordinal);

        // The writer needs a moment. If it never writes, the test times out.
        while (Value(text, "portal_statistics_flush_duration_seconds_count", "portal_outcome=\"written\"") is null || Value(text, "portal_statistics_queue", "") != 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            text = await ScrapeAsync(portal);
        }

        Assert.Equal(0, Value(text, "portal_statistics_lag_seconds", ""));
    }

    [Fact]
    public async Task Scrape_NotEnabled_FindsNothing()
    {
        await using var portal = await WatchedPortal.StartAsync();
        using var response = await portal.GetAsync("/metrics", null);
        Assert.DoesNotContain("portal_", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Scrape_ThroughAProxyThatIsNotTrusted_FindsNothing()
    {
        await using var portal = await WatchedPortal.StartAsync(On);
        foreach (var header in new[] { "X-Forwarded-For", "Forwarded" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(portal, (header, "127.0.0.1")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(portal));
    }

    [Fact]
    public async Task Scrape_FromElsewhere_FindsNothingUnlessNamed()
    {
        await using var closed = await WatchedPortal.StartAsync(On, TrustTheTest);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(closed, ("X-Forwarded-For", "192.0.2.7")));
        await using var named = await WatchedPortal.StartAsync(
            On, TrustTheTest, ("Telemetry:Prometheus:AllowedFrom:0", "192.0.2.0/29"), ("Telemetry:Prometheus:AllowedFrom:1", "2001:db8::/32"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(named, ("X-Forwarded-For", "192.0.2.7")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(named, ("X-Forwarded-For", "2001:db8::7")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(named, ("X-Forwarded-For", "192.0.2.8")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(named));
    }

    private static async Task<HttpStatusCode> StatusAsync(WatchedPortal portal, params (string, string)[] headers)
    {
        using var response = await portal.GetAsync("/metrics", null, headers);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(response.StatusCode == HttpStatusCode.OK, text.Contains("http_server_", StringComparison.Ordinal));
        return response.StatusCode;
    }

    private static async Task<string> ScrapeAsync(WatchedPortal portal)
    {
        using var response = await portal.GetAsync("/metrics", null);
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Null if there is no such line.</summary>
    private static double? Value(string text, string name, string label)
    {
        var line = text.Split('\n').SingleOrDefault(line =>
            (line.StartsWith(name + '{', StringComparison.Ordinal) || line.StartsWith(name + ' ', StringComparison.Ordinal)) && line.Contains(label, StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[(line.IndexOf("} ", StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
