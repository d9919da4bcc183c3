using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Accounts;
using Portal.Tests.Components.Circuits;
using Portal.Tests.Support;

namespace Portal.Tests.Attacks;

/// <summary>What other sites and crafted requests try against the pages. <c>docs/asvs.md</c> names the tests of the services and of the API.</summary>
public sealed partial class PageAttackTests(SignedInHost signedIn) : IClassFixture<SignedInHost>
{
    private const string Elsewhere = "evil.example";

    private PortalHost Host => signedIn.Host;

    /// <summary>Another site can make the browser send a form with its cookies, but knows no antiforgery token.</summary>
    [Fact]
    public async Task CrossSiteRequest_EveryFormWithoutItsToken_IsRefused()
    {
        // This path only begins a sign-in, and another site can't read the answer.
        var paths = PagePaths().Except([AccountsExtensions.PasskeyPath]).ToList();
        Assert.True(paths.Count > 10);
        foreach (var path in paths)
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = path.Trim('/'), ["Form.Name"] = "Owned", ["Form.Password"] = "a new password of a stranger" }),
            };
            post.Headers.Add("Cookie", signedIn.Cookie);
            post.Headers.Add("Origin", "https://" + Elsewhere);
            using var answer = await SendAsync(post);
            Assert.True(
                answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
                || answer.Headers.Location?.OriginalString is "/sign-out" or "/tokens", $"POST {path}: {(int)answer.StatusCode} {answer.Headers.Location}");
        }

        using var page = await GetAsync("/profile", signedIn.Cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/tokens/..//evil.example")]
    [InlineData("/%2F/evil.example")]
    public async Task OpenRedirect_ReturnUrl_StaysWithinPortal(string returnUrl)
    {
        using var answer = await LoginAsync($"?returnUrl={Uri.EscapeDataString(returnUrl)}");

        var location = Assert.Single(answer.Headers.GetValues("Location"));
        // As a browser resolves it.
        var target = new Uri(new Uri("https://portal.example/login"), location.Replace('\\', '/').Replace("\t", "", StringComparison.Ordinal));
        Assert.Equal("https://portal.example", target.GetLeftPart(UriPartial.Authority));
    }

    [Fact]
    public async Task Clickjacking_EveryPageAndError_CannotBeFramed()
    {
        foreach (var path in PagePaths().Concat(["/login", "/no-such-page", "/tokens/export.csv", "/tokens/SU-000-000-000", "/app.css"]))
            foreach (var cookie in new[] { "", signedIn.Cookie })
            {
                using var page = await GetAsync(path, cookie);
                Assert.True(page.Headers.TryGetValues("X-Frame-Options", out var frames) && frames.Single() == "DENY", path);
                Assert.Contains("frame-ancestors 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            }
    }

    [Theory]
    [InlineData("/public/v1/auth/tokens")]
    [InlineData("/public/v1/no-such-path")]
    public async Task Clickjacking_AnswerOfTheApi_IsNoPage(string path)
    {
        var key = await Host.CreateTokenAsync();
        using var answer = await Host.SendAsync(key, path);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        if (answer.IsSuccessStatusCode)
            Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    /// <summary>Someone plants a session of their own in the victim's browser before the victim signs in.</summary>
    [Fact]
    public async Task SessionFixation_PlantedCookie_DoesNotBecomeTheSessionOfTheVictim()
    {
        var planted = await signedIn.SignInAsync();
        var before = await SessionsAsync();

        using var answer = await LoginAsync("", cookies: planted);
        var issued = await signedIn.SignInAsync();

        Assert.NotEqual(planted, issued);
        var added = (await SessionsAsync()).Except(before).ToList();
        Assert.Single(added);
        Assert.DoesNotContain(added[0], planted, StringComparison.Ordinal);
        foreach (var made in new[] { "portal=" + added[0], "portal=00000000", "portal=CfDJ8" })
        {
            using var page = await GetAsync("/tokens", made);
            Assert.StartsWith("/login", page.Headers.Location?.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task CookieFlags_EveryCookie_IsHiddenFromScriptsAndOtherSites()
    {
        using var page = await GetAsync("/login", "");
        using var answer = await LoginAsync("");
        string[] cookies = [.. page.Headers.GetValues("Set-Cookie"), .. answer.Headers.GetValues("Set-Cookie")];
        Assert.True(cookies.Length >= 3);
        Assert.All(cookies, cookie => Assert.Matches("(?i)^(?=.*; httponly)(?=.*; samesite=(?:strict|lax))(?=.*; path=/)(?!.*; domain=)", cookie));
    }

    [Theory]
    [InlineData("/../appsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/..%2fappsettings.json")]
    [InlineData("/_content/..%2f..%2fappsettings.json")]
    [InlineData("/_framework/..%5c..%5cappsettings.json")]
    [InlineData("/lib/%2e%2e/%2e%2e/portal.db")]
    [InlineData("/portal.db")]
    [InlineData("/keys/")]
    [InlineData("/appsettings.json")]
    [InlineData("/app.css/..;/appsettings.json")]
    [InlineData("/%c0%ae%c0%ae/appsettings.json")]
    [InlineData("/app.css%00.json")]
    public async Task PathTraversal_FilesOfTheServer_AreNotServed(string target)
    {
        var (status, remainder) = await RawHttp.SendAsync(Host.Address, target, "Cookie: " + signedIn.Cookie);
        Assert.True(status is 400 or 404 or 302, $"{target}: {status}");
        Assert.DoesNotContain("ConnectionStrings", remainder, StringComparison.Ordinal);
        Assert.DoesNotContain("TrustedProxies", remainder, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite format", remainder, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/login?returnUrl=%2F%0d%0aX-Injected:%201")]
    [InlineData("/tokens?search=%0d%0aX-Injected:%201")]
    [InlineData("/tokens/export.csv?search=%0d%0aX-Injected:%201")]
    [InlineData("/tokens/%0d%0aX-Injected:%201")]
    [InlineData("/%0d%0aX-Injected:%201/../tokens")]
    public async Task HeaderInjection_LineBreaks_StartNoHeader(string target)
    {
        var (_, remainder) = await RawHttp.SendAsync(Host.Address, target, "Cookie: " + signedIn.Cookie);
        Assert.DoesNotMatch("(?im)^X-Injected:", remainder[..remainder.IndexOf("\r\n\r\n", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/tokens")]
    [InlineData("/login")]
    [InlineData("/no-such-page")]
    public async Task HostHeader_Foreign_IsInNoAnswer(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = Elsewhere;
        request.Headers.Add("X-Forwarded-Host", Elsewhere);
        request.Headers.Add("X-Original-Host", Elsewhere);
        using var answer = await SendAsync(request);

        Assert.DoesNotContain(Elsewhere, answer.Headers.Location?.OriginalString ?? "", StringComparison.Ordinal);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // Blazor describes components in a comment, encrypted except for the address of the page that the browser has asked for.
        Assert.DoesNotContain(Elsewhere, BaseElement().Replace(body, ""), StringComparison.Ordinal);
    }

    private IEnumerable<string> PagePaths() => Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{handle}", "SU-000-000-000", StringComparison.Ordinal))
        .Where(path => !path.Contains('{') && !path.Contains('.') && !path.StartsWith("/public", StringComparison.Ordinal) && !path.StartsWith("/_", StringComparison.Ordinal)
            && !path.StartsWith("/health", StringComparison.Ordinal) && !path.StartsWith("/forward-auth", StringComparison.Ordinal) && path is not "/metrics")
        .Distinct();

    private async Task<List<string>> SessionsAsync()
    {
        await using var context = await Host.ContextAsync();
        return await context.UserSessions.Select(session => session.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> LoginAsync(
        string query, string email = SignedInHost.Email, string password = SignedInHost.Password, string cookies = "")
    {
        using var page = await GetAsync("/login" + query, "");
        var field = AntiforgeryField().Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value;
        using var post = new HttpRequestMessage(HttpMethod.Post, "/login" + query)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "login", ["__RequestVerificationToken"] = field, ["Form.Email"] = email, ["Form.Password"] = password,
            }),
        };
        post.Headers.Add("Cookie", string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(value => value.Split(';')[0]).Append(cookies).Where(cookie => cookie.Length > 0)));
        return await SendAsync(post);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie.Length > 0)
            request.Headers.Add("Cookie", cookie);
        return await SendAsync(request);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Host.Client.SendAsync(request, TestContext.Current.CancellationToken);

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();

    [GeneratedRegex(@"<base href=""[^""]*""")]
    private static partial Regex BaseElement();
}
