using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Portal.Tests.Gateway;

/// <summary>Addresses in an upstream's response lead back through Portal, and never reveal the upstream's own.</summary>
public sealed class PublicAddressesTests
{
    private const string Kept = "/public/v1", Stripped = "/public/v1/billing", Based = "/public/v1/contracts";

    [Fact]
    public async Task Answer_WithAddresses_LeadsBackThroughPortal()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await StartAsync(upstream);
        var (inner, host) = (upstream.Address, run.Portal.Address.GetLeftPart(UriPartial.Authority));
        (string Path, string Header, string Sent, string Expected)[] cases =
        [
            // Absolute, to the upstream.
            ("/agreements/1", "Location", inner + "/agreements/next?a=%2F#x", host + Kept + "/agreements/next?a=%2F#x"),
            ("/billing/1", "Location", inner + "/next", host + Stripped + "/next"),
            ("/billing/1", "Location", inner, host + Stripped + "/"),
            ("/billing/1", "Location", inner + "?a", host + Stripped + "/?a"),
            ("/contracts/1", "Location", inner + "/app/next", host + Based + "/next"),
            ("/contracts/1", "Location", inner + "/app", host + Based),
            ("/contracts/1", "Location", inner + "/elsewhere", host + "/elsewhere"),
            ("/billing/1", "Location", inner.Replace("http:", "", StringComparison.Ordinal) + "/next", host.Replace("http:", "", StringComparison.Ordinal) + Stripped + "/next"),
            ("/billing/1", "Location", inner.Replace("http:", "https:", StringComparison.Ordinal) + "/next", host + Stripped + "/next"),
            ("/billing/1", "Location", inner.Replace("http:", "HTTP:", StringComparison.Ordinal) + "/next", host + Stripped + "/next"),
            // To another destination of the upstream, even with another scheme, but not to a different server.
            ("/contracts/1", "Location", "http://other.test/app/next", host + Based + "/next"),
            ("/contracts/1", "Location", "https://other.test/app/next", host + Based + "/next"),
            ("/contracts/1", "Location", "http://other.test:8080/app/next", "http://other.test:8080/app/next"),
            // Paths.
            ("/agreements/1", "Location", "/agreements/42", Kept + "/agreements/42"),
            ("/billing/1", "Location", "/42?page=2", Stripped + "/42?page=2"),
            ("/billing/1", "Location", "/", Stripped + "/"),
            ("/contracts/1", "Location", "/app/42", Based + "/42"),
            ("/contracts/1", "Location", "/apple", "/apple"),
            ("/contracts/1", "Location", "/", "/"),
            // Already public.
            ("/agreements/1", "Location", Kept + "/agreements/42", Kept + "/agreements/42"),
            ("/billing/1", "Location", Stripped + "/42", Stripped + "/42"),
            ("/billing/1", "Location", Stripped, Stripped),
            ("/billing/1", "Location", Kept + "/agreements/42", Kept + "/agreements/42"),
            ("/billing/1", "Location", host + Stripped + "/42", host + Stripped + "/42"),
            ("/billing/1", "Location", host + "/42", host + Stripped + "/42"),
            ("/billing/1", "Location", "/public/v10", Stripped + "/public/v10"),
            // Relative.
            ("/billing/1/a", "Location", "b", "b"),
            ("/billing/1/a", "Location", "?page=2", "?page=2"),
            ("/billing/1/a", "Location", "../2", Stripped + "/2"),
            ("/billing/1/a", "Location", "../../../2", Stripped + "/2"),
            ("/billing/1/a", "Location", "/../%2e%2e/2", Stripped + "/2"),
            ("/billing", "Location", "next", Stripped + "/next"),
            ("/contracts", "Location", "next", Based + "/next"),
            ("/agreements/1", "Location", "", ""),
            // To other servers.
            ("/billing/1", "Location", "https://login.example.com/?to=" + inner, "https://login.example.com/?to=" + inner),
            ("/billing/1", "Location", "//login.example.com/x", "//login.example.com/x"),
            ("/billing/1", "Location", "http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
            ("/billing/1", "Location", "urn:uuid:1", "urn:uuid:1"),
            // Other headers.
            ("/billing/1", "Content-Location", inner + "/42", host + Stripped + "/42"),
            ("/billing/1", "Content-Location", "/42", Stripped + "/42"),
            ("/billing/1", "Refresh", $"5; url={inner}/42", $"5; url={host}{Stripped}/42"),
            ("/billing/1", "Refresh", "5", "5"),
            ("/billing/1", "Link", $"<{inner}/?page=2>; rel=\"next\"; title=\"</x>\", </?page=9>; rel=last, <https://docs.example/>; rel=help",
                $"<{host}{Stripped}/?page=2>; rel=\"next\"; title=\"</x>\", <{Stripped}/?page=9>; rel=last, <https://docs.example/>; rel=help"),
            // Cookies.
            ("/agreements/1", "Set-Cookie", "a=1; Path=/agreements; HttpOnly", $"a=1; Path={Kept}/agreements; HttpOnly"),
            ("/agreements/1", "Set-Cookie", "a=1; path=/", $"a=1; path={Kept}"),
            ("/billing/1", "Set-Cookie", "a=1; Path=/", $"a=1; Path={Stripped}"),
            ("/billing/1", "Set-Cookie", "a=1; Path=/x; Path=/y", $"a=1; Path={Stripped}/x; Path={Stripped}/y"),
            ("/billing/1", "Set-Cookie", $"a=1; Path={Stripped}", $"a=1; Path={Stripped}"),
            ("/billing/1", "Set-Cookie", "a=b=c", "a=b=c"),
            ("/billing/1", "Set-Cookie", "a=1; Secure; Path", "a=1; Secure; Path"),
            ("/billing/1", "Set-Cookie", "__Host-a=1; Path=/; Secure", "__Host-a=1; Path=/; Secure"),
            ("/contracts/1", "Set-Cookie", "a=1; Path=/app/x", $"a=1; Path={Based}/x"),
            ("/contracts/1", "Set-Cookie", "a=1; Path=/", $"a=1; Path={Based}"),
            ("/contracts/1", "Set-Cookie", "a=1; Path=/other", "a=1; Path=/other"),
            ("/forms/1", "Set-Cookie", "a=1; Domain=upstream.test; Path=/", $"a=1; Domain=upstream.test; Path={Kept}"),
        ];

        var wrong = new List<string>();
        foreach (var (path, header, sent, expected) in cases)
        {
            upstream.Answer = context =>
            {
                context.Response.StatusCode = header == "Location" ? 302 : 200;
                context.Response.Headers[header] = sent;
                return Task.CompletedTask;
            };
            using var response = await run.GetAsync(path);
            var got = response.Headers.NonValidated.TryGetValues(header, out var values) || response.Content.Headers.NonValidated.TryGetValues(header, out values)
                ? values.ToString() : "nothing";
            if (got != expected)
                wrong.Add($"{path}: {header}: {sent} became {got} and not {expected}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Cookies_KeepTheirOrderAndLoseTheUpstreamsDomain()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = new StringValues(["a=1; Path=/; Domain=127.0.0.1", "b=2; domain=.localhost", "c=3; Domain=example.com"]);
            return Task.CompletedTask;
        });
        // With another host name than the upstream's.
        await using var run = await GatewayRun.StartAsync(upstream.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        using var response = await run.GetAsync("/agreements");
        Assert.Equal(["a=1; Path=/public/v1; Domain=127.0.0.1", "b=2", "c=3; Domain=example.com"], response.Headers.GetValues("Set-Cookie"));
    }

    [Fact]
    public async Task Portal_HostedBelowAPath_IsPartOfThePrefix()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers.Location = "/42";
            return context.Response.WriteAsync(context.Request.Headers["X-Forwarded-Prefix"].ToString());
        });
        await using var run = await StartAsync(upstream, builder => builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(new BelowPath())));
        using var response = await run.GetAsync("/billing/1");
        Assert.Equal("/base%20path/public/v1/billing/42", response.Headers.Location?.OriginalString);
        Assert.Equal("/base%20path/public/v1/billing", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Answer_OfEachDestination_IsReadByTheRootOfThatOne()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers.Location = context.Request.Path.Value!.Replace("/1", "/42", StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        await using var run = await GatewayRun.StartAsync(
            upstream.Address, null, null,
            (GatewayRun.Contracts + "Destinations:0", upstream.Address + "/first"), (GatewayRun.Contracts + "Destinations:1", upstream.Address + "/second"),
            (GatewayRun.Contracts + "LoadBalancing", "RoundRobin"), (GatewayRun.Contracts + "PathPrefix", "Stripped"));
        for (var i = 0; i < 2; i++)
        {
            using var response = await run.GetAsync("/contracts/1");
            Assert.Equal(Based + "/42", response.Headers.Location?.OriginalString);
        }

        Assert.Equal(["/first/1", "/second/1"], upstream.Seen.Select(seen => seen.Target).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prefix_IsSentToTheUpstream_WhateverTheClientSays()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await StartAsync(upstream);
        foreach (var (path, prefix) in new[] { ("/agreements/1", Kept), ("/billing", Stripped), ("/contracts/1", Based) })
        {
            Assert.Equal(200, (await run.SendRawAsync("/public/v1" + path, "X-Forwarded-Prefix: /evil", "X_Forwarded_Prefix: /evil")).Status);
            var seen = upstream.Seen.Last();
            Assert.Equal(prefix, seen.Headers["X-Forwarded-Prefix"]);
            Assert.DoesNotContain("evil", JsonSerializer.Serialize(seen.Headers), StringComparison.Ordinal);
        }
    }

    /// <summary>Agreements with its path, Billing without it, Contracts below a path of the upstream.</summary>
    private static Task<GatewayRun> StartAsync(TestUpstream upstream, Action<IWebHostBuilder>? configure = null) => GatewayRun.StartAsync(
        upstream.Address, null, configure,
        (GatewayRun.Billing + "Destinations:0", upstream.Address), (GatewayRun.Billing + "PathPrefix", "Stripped"),
        (GatewayRun.Contracts + "Destinations:0", upstream.Address + "/app"), (GatewayRun.Contracts + "Destinations:1", "http://other.test/app"),
        (GatewayRun.Contracts + "LoadBalancing", "FirstAlphabetical"), (GatewayRun.Contracts + "PathPrefix", "Stripped"));

    /// <summary>Simulates a proxy in front of Portal that has removed the path and reported it.</summary>
    private sealed class BelowPath : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                context.Request.PathBase = "/base path";
                return rest(context);
            });
            next(app);
        };
    }
}
