using System.Net;
using System.Net.Sockets;
using System.Text;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>Real proxies with the documented configurations, and clients that try to remove or imitate the headers that identify the
/// caller.</summary>
[Slow]
public sealed class CallerHeadersTests
{
    private const string Forged = "SU-000-000-000";

    /// <summary>The characters that a header name may contain besides letters, digits and hyphens (RFC 9110, 5.6.2).</summary>
    private const string Separators = "_.~!#$%&'*+^`|";

    private static readonly string[] Names = ["X-Token-Handle", "X-Token-Name", "X-Account-Id"];

    [Fact]
    public async Task Nginx_ClientsTricks_ReachTheApiAsTheTrueCallerAlone()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        await AssertTrueCallerAsync(run);
    }

    [Fact]
    public async Task Caddy_ClientsTricks_ReachTheApiAsTheTrueCallerAlone()
    {
        await using var run = await ProxyRun.StartCaddyAsync();
        await AssertTrueCallerAsync(run);
    }

    /// <summary>If the proxy lets it through, Portal refuses it.</summary>
    [Fact]
    public async Task Question_NameThatServersConfuse_IsRefused()
    {
        await using var portal = new AskedPortal();
        await portal.InitializeAsync();
        var key = await portal.Host.CreateTokenAsync();
        foreach (var name in LookAlikes().Append("X_Portal_Assertion"))
            foreach (var proxy in new[] { "traefik", "envoy", "caddy" })
            {
                var question = Question.From(proxy, key, "/public/v1/agreements");
                Assert.True(question.Headers.TryAddWithoutValidation(name, Forged), name);
                using var response = await portal.SendAsync(question);
                await ErrorBody.AssertAsync(response, HttpStatusCode.BadRequest, "VAL_001");
                Assert.Null(Question.HeaderOf(response, "X-Token-Handle"));
            }

        var plain = Question.From("traefik", key, "/public/v1/agreements");
        foreach (var name in Names.Append("X-Token-Handles").Append("X_Tokens_Handle"))
            plain.Headers.TryAddWithoutValidation(name, Forged);
        using var permitted = await portal.SendAsync(plain);
        Assert.Equal((HttpStatusCode.OK, key.Handle), (permitted.StatusCode, Question.HeaderOf(permitted, "X-Token-Handle")));
    }

    private static async Task AssertTrueCallerAsync(ProxyRun run)
    {
        var key = await run.Portal.CreateTokenAsync();
        foreach (var connection in Connections())
        {
            var seen = await SeenAsync(run, key, [.. connection, "X-Keep: yes"]);
            Assert.Equal("yes", seen.Headers["X-Keep"]);
        }

        // Fewer than the maximum number of headers in a request.
        foreach (var names in LookAlikes().Chunk(40))
            await SeenAsync(run, key, ["Connection: close", .. names.Select(name => $"{name}: {Forged}"), .. Names.Select(name => $"{name.ToUpperInvariant()}: {Forged}")]);
        var upgrade = await SeenAsync(run, key, ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"]);
        Assert.False(upgrade.Headers.ContainsKey("Upgrade"));
        Assert.False((await SeenAsync(run, key, ["Connection: close", "Proxy: http://192.0.2.9/"])).Headers.ContainsKey("Proxy"));
    }

    /// <returns>The request that the API received, after it was checked.</returns>
    private static async Task<SeenRequest> SeenAsync(ProxyRun run, ApiKey key, string[] headers)
    {
        var before = run.Upstream.Seen.Count;
        Assert.Equal(200, await SendAsync(run.Proxy.Address, key, headers));
        var seen = run.Upstream.Seen.ElementAt(before);
        Assert.Equal(key.Handle, seen.Headers["X-Token-Handle"]);
        Assert.StartsWith("Token%20", seen.Headers["X-Token-Name"], StringComparison.Ordinal);
        Assert.Equal(run.Portal.Administrator.AccountId, seen.Headers["X-Account-Id"]);
        Assert.DoesNotContain(Forged, seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("token", seen.Headers.GetValueOrDefault("Connection", ""), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("account", seen.Headers.GetValueOrDefault("Connection", ""), StringComparison.OrdinalIgnoreCase);
        return seen;
    }

    private static IEnumerable<string[]> Connections()
    {
        var list = string.Join(", ", Names);
        foreach (var first in new[] { "close", "keep-alive", "Upgrade" })
        {
            string[] forged = [.. Names.Select(name => $"{name}: {Forged}")];
            yield return [$"Connection: {first}, {list}", .. forged];
            yield return [$"connection: {list.ToLowerInvariant()},{first}", .. forged];
            yield return [$"Connection: {first}", .. Names.Select(name => $"Connection: {name}"), .. forged];
        }

        yield return [$"Connection: {list}", $"Proxy-Connection: {list}", $"Keep-Alive: {list}"];
    }

    /// <summary>Every separator in every place, alone and with all others alike, with one place of each in mixed case.</summary>
    private static IEnumerable<string> LookAlikes()
    {
        foreach (var separator in Separators)
            foreach (var name in Names)
            {
                var first = name.IndexOf('-', StringComparison.Ordinal);
                yield return name.Replace('-', separator);
                yield return $"{name[..first]}{separator}{name[(first + 1)..].ToUpperInvariant()}";
                yield return $"{name[..(first + 1)]}{name[(first + 1)..].ToLowerInvariant().Replace('-', separator)}";
            }
    }

    private static async Task<int> SendAsync(Uri address, ApiKey key, string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var request = string.Join("\r\n", ["GET /public/v1/agreements HTTP/1.1", $"Host: {address.Authority}", $"Authorization: {key.ToHeaderValue()}", .. headers, "", ""]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var status = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        return int.Parse(status.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
    }
}
