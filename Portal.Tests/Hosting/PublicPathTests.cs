using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Hosting;
using Portal.Tests.Browser;
using Portal.Tests.Gateway;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Scim;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>Portal below a path of its host, which a setting or a trusted proxy provides.</summary>
public sealed partial class PublicPathTests
{
    [Theory]
    [InlineData("/portal", "/portal")]
    [InlineData("/portal/", "/portal")]
    [InlineData("/a/b-c_d.e~1", "/a/b-c_d.e~1")]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("portal", null)]
    [InlineData("//example.com", null)]
    [InlineData("/a//b", null)]
    [InlineData("/a/../b", null)]
    [InlineData("/.", null)]
    [InlineData("/\\example.com", null)]
    [InlineData("/a b", null)]
    [InlineData("/a%2Fb", null)]
    [InlineData("/a\"><script>", null)]
    [InlineData("https://example.com", null)]
    [InlineData("/a?b", null)]
    [InlineData("/a;path=/", null)]
    [InlineData("/\u00e4", null)]
    public void Parse_EachText_IsAPlainPathOrNothing(string text, string? expected) => Assert.Equal(expected, PublicPath.Parse(text));

    [Theory]
    [InlineData("/portal", null)]
    [InlineData("portal", "must be a path such as /portal")]
    [InlineData("/Tokens/x", "starts like an address of Portal itself")]
    [InlineData("/public", "starts like an address of Portal itself")]
    public void Validate_EachSetting_NamesTheKeyOrPasses(string setting, string? fault)
    {
        var result = new PublicPathValidator().Validate(null, new PublicPath { PathBase = setting });
        Assert.Equal(fault is not null, result.Failed);
        if (fault is not null)
            Assert.Contains($"Portal:PathBase \"{setting}\" {fault}", result.FailureMessage, StringComparison.Ordinal);
    }

    /// <summary>If one of Portal's own addresses were allowed as a public path, it would be ambiguous behind a proxy that removes the path.</summary>
    [Fact]
    public async Task Validate_FirstSegmentOfEveryEndpointAndStaticFile_IsRefused()
    {
        await using var host = await StartAsync(("Telemetry:Prometheus:Enabled", "true"), ("Scim:Token", ScimHost.Token));
        var mapped = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.PathSegments is [{ IsSimple: true, Parts: [RoutePatternLiteralPart first] }, ..] ? first.Content : null);
        var segments = mapped.OfType<string>().Append("forward-auth").Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        Assert.True(segments.Count > 10, string.Join(' ', segments));

        var accepted = segments.Where(segment => !new PublicPathValidator().Validate(null, new PublicPath { PathBase = $"/{segment}/x" }).Failed);
        Assert.Empty(accepted);
    }

    [Fact]
    public async Task Setting_PathLeftOrCutOff_PagesAndLinksAreBelowIt()
    {
        await using var host = await StartAsync(("Portal:PathBase", "/portal"));
        foreach (var path in new[] { "/portal/login", "/Portal/login", "/login" })
            Assert.Equal((path, "/portal/"), (path, await BaseOfAsync(host, path)));
        foreach (var path in new[] { "/portal", "/portal/", "/portal/tokens", "/tokens" })
            Assert.StartsWith("/portal/login?returnUrl=%2Fportal", (await GetAsync(host, path)).Headers.Location!.OriginalString, StringComparison.Ordinal);
        foreach (var path in new[] { "/portal/openapi/scalar.js", "/portal/favicon.svg", "/portal/health/live", "/health/live" })
            Assert.Equal((path, HttpStatusCode.OK), (path, (await GetAsync(host, path)).StatusCode));
        Assert.Contains("<base href=\"/portal/\"", await (await GetAsync(host, "/portal/openapi")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var document = await host.Client.GetFromJsonAsync<JsonElement>("/portal/openapi/v1.json", Cancellation);
        Assert.Equal("/portal/public/v1", document.GetProperty("servers")[0].GetProperty("url").GetString());
        Assert.Equal("/portal/", BaseIn(await (await GetAsync(host, "/portal/not-found")).Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Setting_SignInAndOut_StayBelowItAndCookiesToo()
    {
        await using var host = await StartAsync(("Portal:PathBase", "/portal"));
        await using (var scope = host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<AccountService>().CreateUserAsync(
                host.Administrator.AccountId, new NewUser("Ada", Visitor.Email, Visitor.Password), Role.Viewer);
        foreach (var (returnUrl, expected) in new[] { ("/portal/tokens?q=a", "/portal/tokens?q=a"), ("/tokens", "/portal/tokens"), ("//evil.example", "/portal/tokens") })
        {
            using var page = await GetAsync(host, "/portal/login?returnUrl=" + Uri.EscapeDataString(returnUrl));
            using var signIn = new HttpRequestMessage(HttpMethod.Post, page.RequestMessage!.RequestUri)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["_handler"] = "login", ["Form.Email"] = Visitor.Email, ["Form.Password"] = Visitor.Password,
                    ["__RequestVerificationToken"] = AntiforgeryField().Match(await page.Content.ReadAsStringAsync(Cancellation)).Groups[1].Value,
                }),
            };
            signIn.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
            using var signedIn = await host.Client.SendAsync(signIn, Cancellation);
            Assert.Equal(expected, new Uri(host.Address, signedIn.Headers.Location!).PathAndQuery);
            string[] cookies = [.. page.Headers.GetValues("Set-Cookie"), .. signedIn.Headers.GetValues("Set-Cookie")];
            Assert.All(cookies, cookie => Assert.Contains("path=/portal", cookie, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>The API key middleware reads the raw target, which must not include the path.</summary>
    [Fact]
    public async Task Setting_Api_IsServedBelowItByTheSameRules()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address, ("Portal:PathBase", "/portal"));
        foreach (var target in new[] { "/portal/public/v1/agreements/a%20b?x=1", "/public/v1/agreements/a%20b?x=1", $"{run.Portal.Address}portal/public/v1/agreements/a%20b?x=1" })
        {
            Assert.Equal((target, 200), (target, (await run.SendRawAsync(target)).Status));
            Assert.Equal("/agreements/a%20b?x=1", upstream.Seen.Last().Target);
        }

        // In absolute form, the web server decodes the slash, and the two readings differ.
        Assert.Equal(200, (await run.SendRawAsync("/portal/public/v1/agreements/a%2Fb?x=1")).Status);
        Assert.Equal("/agreements/a%2Fb?x=1", upstream.Seen.Last().Target);
        Assert.Equal(404, (await run.SendRawAsync($"{run.Portal.Address}portal/public/v1/agreements/a%2Fb?x=1")).Status);

        var before = upstream.Seen.Count;
        string[] nowhere =
        [
            "/port%61l/public/v1/agreements", "/portal%2Fpublic/v1/agreements", "/portalpublic/v1/agreements", "/portal/portal/public/v1/agreements",
            "/portal/public/v1/agreements/..%2Fbilling", "/x/portal/public/v1/agreements",
        ];
        foreach (var target in nowhere)
            Assert.False((await run.SendRawAsync(target)).Status is >= 200 and < 300, target);
        Assert.Equal(before, upstream.Seen.Count);

        using var create = new HttpRequestMessage(HttpMethod.Post, "/portal/public/v1/auth/tokens") { Content = JsonContent.Create(new { name = "Below", extension = new { id = "EXT-000" } }) };
        using var created = await run.SendAsync(create, Cancellation);
        Assert.StartsWith("/portal/public/v1/auth/tokens/SU-", created.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    /// <summary>The request is checked by the rest of the raw target.</summary>
    [Fact]
    public async Task Setting_Question_IsAnsweredBelowIt()
    {
        await using var host = await StartAsync(("Portal:PathBase", "/portal"), ("Gateway:ForwardAuth:Askers:0", "127.0.0.1"));
        using var question = Question.From("envoy", await host.CreateTokenAsync(), "/public/v1/agreements");
        question.RequestUri = new Uri("/portal" + question.RequestUri!.OriginalString, UriKind.Relative);
        using var answer = await host.Client.SendAsync(question, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task ForwardedPrefix_FromATrustedProxy_IsWhereLinksLead()
    {
        await using var host = await StartAsync(("Portal:TrustedProxies:0", "127.0.0.1"));
        foreach (var (header, expected) in new[]
        {
            ("/portal", "/portal/"), ("/portal/", "/portal/"), ("/outer, /inner", "/outer/inner/"), ("", "/"), ("/", "/"), ("//evil.example", "/"), ("/a/../b", "/"),
            ("https://evil.example", "/"), ("/a\"><script>", "/"), ("portal", "/"), ("/a;path=/", "/"), ("/" + new string('a', 300), "/"), ("/a, //evil.example", "/"),
        })
            Assert.Equal((header, expected), (header, await BaseOfAsync(host, "/login", header)));
        Assert.StartsWith("/portal/login?returnUrl=%2Fportal%2Ftokens", (await GetAsync(host, "/tokens", "/portal")).Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForwardedPrefix_FromAnybodyElse_ChangesNothing()
    {
        await using var host = await StartAsync(("Portal:TrustedProxies:0", "198.51.100.7"));
        Assert.Equal("/", await BaseOfAsync(host, "/login", "/portal"));
    }

    /// <summary>A proxy may pass on a client's header when it asks; it must not change what the proxy asked.</summary>
    [Fact]
    public async Task ForwardedPrefix_WithAQuestion_NeverMakesAPageOfIt()
    {
        await using var host = await StartAsync(("Portal:TrustedProxies:0", "127.0.0.1"), ("Gateway:ForwardAuth:Askers:0", "127.0.0.1"));
        foreach (var prefix in new[] { "/forward-auth", "/forward-auth/envoy", "/" })
        {
            var question = Question.From("envoy", null, "/health/live");
            question.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
            using var response = await host.Client.SendAsync(question, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<PortalHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var host = new PortalHost("Development", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        await host.InitializeAsync();
        return host;
    }

    private static Task<HttpResponseMessage> GetAsync(PortalHost host, string path, string? prefix = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (prefix is not null)
            request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
        return host.Client.SendAsync(request, Cancellation);
    }

    private static async Task<string> BaseOfAsync(PortalHost host, string path, string? prefix = null) =>
        BaseIn(await (await GetAsync(host, path, prefix)).Content.ReadAsStringAsync(Cancellation));

    private static string BaseIn(string page) => BaseElement().Match(page).Groups[1].Value;

    [GeneratedRegex("<base href=\"([^\"]*)\"")]
    private static partial Regex BaseElement();

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();
}
