using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Hosting;
using Portal.IpRules;
using Portal.Tests.Browser;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Hosting;

/// <summary>Every request of these tests comes from 127.0.0.1, which is a trusted proxy's address in this Portal.</summary>
public sealed partial class TrustedProxiesTests(TrustedProxiesTests.Behind portal) : IClassFixture<TrustedProxiesTests.Behind>, IAsyncDisposable
{
    private IpRuleService Rules => portal.Host.Services.GetRequiredService<IpRuleService>();

    public async ValueTask DisposeAsync()
    {
        foreach (var rule in await Rules.ListAsync(portal.Host.Administrator))
            await Rules.RemoveAsync(portal.Host.Administrator, rule.Id);
    }

    [Theory]
    [InlineData("192.0.2.7", 200)]
    [InlineData("::ffff:192.0.2.7", 200)]
    [InlineData("192.0.2.7:50123", 200)]
    [InlineData("192.0.2.8", 403)]
    [InlineData("2001:db8::7", 200)]
    [InlineData("[2001:db8::7]:50123", 200)]
    [InlineData("2001:db9::7", 403)]
    [InlineData("192.0.2.7, 192.0.2.8", 403)] // the client makes up everything left of what the proxy saw
    [InlineData("192.0.2.8, 192.0.2.7", 200)]
    [InlineData("192.0.2.8, 192.0.2.7, 198.51.100.20", 200)] // through two proxies, both trusted
    [InlineData("192.0.2.7, 198.51.101.20", 403)] // through one that is not
    [InlineData("nonsense", 403)]
    [InlineData("192.0.2.7, nonsense", 403)]
    [InlineData("", 403)]
    public async Task ForwardedFor_FromATrustedProxy_IsTheAddress(string value, int expected)
    {
        var key = await portal.Host.CreateTokenAsync();
        await AddAsync("192.0.2.7");
        await AddAsync("2001:db8::/32");
        var (status, _) = await SendAsync(key, $"X-Forwarded-For: {value}");
        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task ForwardedFor_Refused_NamesTheClientAndNotTheProxy()
    {
        var key = await portal.Host.CreateTokenAsync();
        await AddAsync("192.0.2.7");
        var (_, body) = await SendAsync(key, "X-Forwarded-For: ::ffff:203.0.113.9");
        Assert.Contains("may not be used from the address 203.0.113.9.", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForwardedFor_IsTheAddressOfTheLastUse()
    {
        var key = await portal.Host.CreateTokenAsync();
        await SendAsync(key, "X-Forwarded-For: 203.0.113.9");
        await portal.Host.CountsAsync(key.Handle);
        var token = await portal.Host.Services.GetRequiredService<TokenReader>().FindAsync(portal.Host.Administrator, key.Handle);
        Assert.Equal("203.0.113.9", token!.LastUse!.Address);
    }

    [Fact]
    public async Task ForwardedProtoAndHost_FromATrustedProxy_AreThoseOfThePage()
    {
        string[] headers = ["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: portal.example.com"];
        Assert.Contains("Strict-Transport-Security", await SignInPageAsync(portal.Host, headers), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Location: /login?", await RedirectAsync(portal.Host, headers), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("http", false)]
    public async Task Cookies_BehindAProxy_AreSecureWhenTheClientsConnectionIs(string scheme, bool secure)
    {
        var email = $"{scheme}@example.com";
        await using (var scope = portal.Host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<AccountService>().CreateUserAsync(
                portal.Host.Administrator.AccountId, new NewUser("Ada", email, Visitor.Password), Role.Viewer);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = portal.Host.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        using var page = await client.GetAsync("/login");
        var field = AntiforgeryField().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        client.DefaultRequestHeaders.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var signedIn = await client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "login", ["__RequestVerificationToken"] = field, ["Form.Email"] = email, ["Form.Password"] = Visitor.Password,
        }));

        string[] cookies = [.. page.Headers.GetValues("Set-Cookie"), .. signedIn.Headers.GetValues("Set-Cookie")];
        var prefix = secure ? "__Host-" : "";
        Assert.Contains(cookies, cookie => cookie.StartsWith(prefix + "portal=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith(prefix + "portal-device=", StringComparison.Ordinal));
        Assert.All(cookies, cookie => Assert.True(cookie.StartsWith("__Host-", StringComparison.Ordinal) == secure && cookie.Contains("; path=/;", StringComparison.Ordinal), cookie));
        Assert.All(cookies, cookie => Assert.Equal(secure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task ForwardedHost_NotAnAllowedOne_IsIgnored()
    {
        var redirect = await RedirectAsync(portal.Host, "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example.net");
        Assert.DoesNotContain("evil.example.net", redirect, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("javascript")]
    [InlineData("data")]
    [InlineData("https, javascript")]
    [InlineData("")]
    public async Task ForwardedProto_NotOfTheWeb_IsIgnored(string scheme)
    {
        var page = await SignInPageAsync(portal.Host, "X-Forwarded-For: 192.0.2.7", $"X-Forwarded-Proto: {scheme}");
        Assert.DoesNotContain("; secure", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("javascript:", await RedirectAsync(portal.Host, "X-Forwarded-For: 192.0.2.7", $"X-Forwarded-Proto: {scheme}"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ForwardedProtoAndHost_WithoutATrustedProxy_ChangeNothing()
    {
        await using var bare = new PortalHost();
        await bare.InitializeAsync();
        string[] forged = ["X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: portal.example.com"];
        var page = await SignInPageAsync(bare, forged);
        Assert.Contains("Set-Cookie", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("; secure", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Strict-Transport-Security", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Location: /login?", await RedirectAsync(bare, forged), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7/32")]
    [InlineData("10.0.0.0/24", "10.0.0.0/24")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::ffff:10.0.0.0/120", "10.0.0.0/24")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("::1", "::1/128")]
    [InlineData("::/0", "::/0")]
    [InlineData("10.0.0.1-10.0.0.9", null)]
    [InlineData("10.0.0.1–10.0.0.9", null)]
    [InlineData("10.0.0.7/24", null)]
    [InlineData("proxy.internal", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Parse_EachText_IsANetworkOrNothing(string? text, string? expected) => Assert.Equal(expected, TrustedProxies.Parse(text)?.ToString());

    private Task<(int Status, string Remainder)> SendAsync(ApiKey key, params string[] headers) =>
        RawHttp.SendAsync(portal.Host.Address, "/public/v1/agreements", [$"Authorization: {key.ToHeaderValue()}", .. headers]);

    private async Task AddAsync(string addresses) =>
        Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(portal.Host.Administrator, new NewIpRule(null, addresses)));

    private static async Task<string> SignInPageAsync(PortalHost host, params string[] headers) =>
        (await RawHttp.SendAsync(host.Address, "/login", headers)).Remainder;

    private static async Task<string> RedirectAsync(PortalHost host, params string[] headers)
    {
        var (status, remainder) = await RawHttp.SendAsync(host.Address, "/tokens", headers);
        Assert.Equal(302, status);
        return remainder;
    }

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();

    /// <summary>A Portal that trusts the proxy at this machine's own address, and one network of others.</summary>
    public sealed class Behind : IAsyncLifetime
    {
        public PortalHost Host { get; } = new("Development", new Dictionary<string, string>
        {
            ["Portal:TrustedProxies:0"] = "127.0.0.1", ["Portal:TrustedProxies:1"] = "198.51.100.0/24", ["AllowedHosts"] = "127.0.0.1;*.example.com",
        });

        public ValueTask InitializeAsync() => Host.InitializeAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
