using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>How the original request is read: paths as in the gateway, addresses from the end that the client can't write.</summary>
public sealed class OriginalRequestTests(AskedPortal portal) : IClassFixture<AskedPortal>
{
    private const string Agreements = "/public/v1/agreements";

    public static IEnumerable<TheoryDataRow<string>> LeadingOut => UpstreamPathTests.LeadingOut.Where(row => row.Data.StartsWith('/'));

    [Theory]
    [MemberData(nameof(LeadingOut))]
    public async Task Path_ThatCouldBeReadAsLeadingOut_BelongsToNobody(string path)
    {
        var key = await portal.Host.CreateTokenAsync();
        using var asTraefik = await portal.AskAsync("traefik", key, "/public/v1" + path);
        await ErrorBody.AssertAsync(asTraefik, HttpStatusCode.NotFound, "NFND_001");
        var (asEnvoy, _) = await AskRawAsync(key, "/forward-auth/envoy/public/v1" + path, "X-Real-IP: 192.0.2.7");
        Assert.True(asEnvoy is 400 or 404, $"It is {asEnvoy}."); // 400: refused by the web server itself
    }

    [Theory]
    [MemberData(nameof(UpstreamPathTests.Staying), MemberType = typeof(UpstreamPathTests))]
    public async Task Path_ThatStays_BelongsToItsModule(string path)
    {
        var key = await portal.Host.CreateTokenAsync();
        // An encoded slash doesn't count as a slash, as in routing.
        using var asCaddy = await portal.AskAsync("caddy", key, "/public/v1" + path);
        Assert.Equal(HttpStatusCode.OK, asCaddy.StatusCode);
        var (asEnvoy, _) = await AskRawAsync(key, "/forward-auth/envoy/public/v1" + path, "X-Real-IP: 192.0.2.7");
        Assert.Equal(200, asEnvoy);
        Assert.Equal(["MD-0002 200 - 2"], await portal.CountsAsync(key));
    }

    [Theory]
    [InlineData("/public/v1/agreements%2Fx")]
    [InlineData("/public/v1%2Fagreements/x")]
    [InlineData("/public/v1/%2561greements")]
    [InlineData("/public/v1//agreements")]
    [InlineData("//public/v1/agreements")]
    [InlineData("/agreements")]
    [InlineData("/public/v1")]
    [InlineData("/public/v1/")]
    [InlineData("/public/v10/agreements")]
    [InlineData("/")]
    public async Task Path_OutsideOfTheModules_BelongsToNobody(string path)
    {
        using var response = await portal.AskAsync("traefik", await portal.Host.CreateTokenAsync(), path);
        await ErrorBody.AssertAsync(response, HttpStatusCode.NotFound, "NFND_001");
    }

    [Fact]
    public async Task Path_LongerThanAnyServerTakes_BelongsToNobody()
    {
        var key = await portal.Host.CreateTokenAsync();
        using var longest = await portal.AskAsync("traefik", key, Agreements + "/" + new string('x', 8192 - Agreements.Length - 1));
        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        using var longer = await portal.AskAsync("nginx", key, Agreements + "/" + new string('x', 8193 - Agreements.Length - 1));
        Assert.Equal("404", Question.HeaderOf(longer, "X-Portal-Status"));
        Assert.InRange(Question.HeaderOf(longer, "X-Portal-Error")!.Length, 1, 1000); // a proxy's buffer for headers is small
    }

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.7:50123", true)]
    [InlineData("::ffff:192.0.2.7", true)]
    [InlineData("2001:db8::7", true)]
    [InlineData("[2001:db8::7]:50123", true)]
    [InlineData("192.0.2.8", false)]
    [InlineData("203.0.113.9, 192.0.2.7", true)] // the client makes up everything left of what the proxy saw
    [InlineData("192.0.2.7, 203.0.113.9", false)]
    [InlineData("nonsense, 192.0.2.7", true)]
    [InlineData("192.0.2.7, 127.0.0.1", true)] // the asker itself
    [InlineData("203.0.113.9,192.0.2.7,198.51.100.20 , 127.0.0.1", true)] // a trusted proxy before it
    [InlineData("192.0.2.7, 198.51.101.20", false)] // an untrusted proxy
    public async Task ForwardedFor_IsTheRightmostThatIsNoProxy(string value, bool allowed)
    {
        var key = await portal.CreateTokenForAsync("192.0.2.7", "2001:db8::/32");
        using var response = await portal.AskAsync("traefik", key, Agreements, address: value);
        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task ForwardedFor_InSeveralHeaders_IsOneChain()
    {
        var key = await portal.CreateTokenForAsync("192.0.2.7");
        string[] question = [$"X-Forwarded-Uri: {Agreements}", "X-Forwarded-Method: GET"];
        var (right, _) = await AskRawAsync(key, "/forward-auth/caddy", [.. question, "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 192.0.2.7"]);
        var (wrong, _) = await AskRawAsync(key, "/forward-auth/caddy", [.. question, "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 203.0.113.9"]);
        Assert.Equal((200, 403), (right, wrong));
    }

    [Theory]
    [InlineData("the header X-Original-URI is missing", "nginx", "X-Original-Method: GET", "X-Real-IP: 192.0.2.7")]
    [InlineData("the header X-Original-URI is missing", "nginx", "X-Original-URI:", "X-Original-Method: GET", "X-Real-IP: 192.0.2.7")]
    [InlineData("the header X-Original-URI occurs 2 times", "nginx", "X-Original-URI: /public/v1/agreements", "X-Original-URI: /x", "X-Original-Method: GET", "X-Real-IP: 192.0.2.7")]
    [InlineData("the header X-Original-Method is missing", "nginx", "X-Original-URI: /public/v1/agreements", "X-Real-IP: 192.0.2.7")]
    [InlineData("the original method in X-Original-Method is not a valid method", "nginx", "X-Original-URI: /public/v1/agreements", "X-Original-Method: G T", "X-Real-IP: 192.0.2.7")]
    [InlineData("the header X-Real-IP is missing", "nginx", "X-Original-URI: /public/v1/agreements", "X-Original-Method: GET")]
    [InlineData("the header X-Real-IP occurs 2 times", "nginx", "X-Original-URI: /public/v1/agreements", "X-Original-Method: GET", "X-Real-IP: 192.0.2.7", "X-Real-IP: 192.0.2.7")]
    [InlineData("X-Real-IP contains no valid address", "nginx", "X-Original-URI: /public/v1/agreements", "X-Original-Method: GET", "X-Real-IP: unix:")]
    [InlineData("the header X-Forwarded-Uri is missing", "traefik", "X-Original-URI: /public/v1/agreements", "X-Forwarded-Method: GET", "X-Forwarded-For: 192.0.2.7")]
    [InlineData("the original URI in X-Forwarded-Uri must start with /", "caddy", "X-Forwarded-Uri: http://x/public/v1/agreements", "X-Forwarded-Method: GET", "X-Forwarded-For: 192.0.2.7")]
    [InlineData("the header X-Forwarded-For is missing", "traefik", "X-Forwarded-Uri: /public/v1/agreements", "X-Forwarded-Method: GET")]
    [InlineData("X-Forwarded-For contains no valid address", "traefik", "X-Forwarded-Uri: /public/v1/agreements", "X-Forwarded-Method: GET", "X-Forwarded-For: 192.0.2.7, nonsense")]
    [InlineData("the original URI behind /forward-auth/envoy must start with /", "envoy", "X-Real-IP: 192.0.2.7")]
    [InlineData("the original URI behind /forward-auth/envoy must start with /", "envoy?/public/v1/agreements", "X-Real-IP: 192.0.2.7")]
    [InlineData("the header X-Real-IP is missing", "envoy/public/v1/agreements")]
    public async Task Ask_Unclear_IsRefusedAndSaysWhatIsWrong(string expected, string target, params string[] headers)
    {
        portal.Host.Clock.Advance(TimeSpan.FromMinutes(1));
        var key = await portal.Host.CreateTokenAsync();
        var (status, answer) = await AskRawAsync(key, "/forward-auth/" + target, headers);
        Assert.Equal(403, status);
        Assert.Contains("GTW_005", answer, StringComparison.Ordinal);
        Assert.Contains($"Portal can't determine the request to authorize: {expected}", answer, StringComparison.Ordinal);
        Assert.Contains($"Warning: Forward authentication refused a request: 127.0.0.1 sent an authorization request ({target.Split('/', '?')[0]}) that Portal cannot read: {expected}", portal.Host.Log.Text, StringComparison.Ordinal);
        Assert.Empty(await portal.CountsAsync(key));
    }

    private Task<(int Status, string Remainder)> AskRawAsync(ApiKey key, string target, params string[] headers) =>
        RawHttp.SendAsync(portal.Host.Address, target, [$"Authorization: {key.ToHeaderValue()}", .. headers]);
}
