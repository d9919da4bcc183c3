using System.Globalization;
using System.Text.Json;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Addresses that exceed every limit.</summary>
public sealed class LongAddressTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Tokens = "/public/v1/auth/tokens", Agreements = "/public/v1/agreements";

    public static TheoryData<string> TooLong => new(
        Tokens + "?" + new string('(', 10_000),
        Tokens + "?name=" + new string('x', (1 << 20) - 5),
        Tokens + "?name=" + string.Concat(Enumerable.Repeat("%00", 3_000)),
        Tokens + "?name=" + string.Concat(Enumerable.Repeat("'%20OR%201=1--", 1_000)),
        Agreements + "?name=" + new string('x', 8_192),
        Agreements + "/" + new string('x', 100_000),
        "/public/v1/nothing/" + new string('x', 100_000));

    [Theory]
    [MemberData(nameof(TooLong), DisableDiscoveryEnumeration = true)]
    public async Task Request_LongerThanIsRead_IsToldSoInShortWords(string target)
    {
        var key = await portal.CreateTokenAsync();

        var (status, answer) = await AskAsync(key, target);

        Assert.Equal(400, status);
        var body = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)]).RootElement;
        Assert.Equal("VAL_001", body.GetProperty("error_code").GetString());
        Assert.Equal(
            $"The path and query have {target.Length.ToString("N0", CultureInfo.InvariantCulture)} characters, but the limit is 8,192. Shorten the request.",
            body.GetProperty("errors")[0].GetString());
        Assert.InRange(answer.Length, 0, 1_000);
        Assert.Contains(" 400 VAL_001 1", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    /// <summary>A request that is too long isn't passed on; others go to the module as before.</summary>
    [Theory]
    [InlineData(8_192, 200)]
    [InlineData(8_193, 400)]
    public async Task Request_ToAModule_PassesUpToTheLimit(int length, int expected)
    {
        var target = (Agreements + "?name=").PadRight(length, 'x');

        var (status, _) = await AskAsync(await portal.CreateTokenAsync(), target);

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Request_LongWithoutAKey_IsUnauthorized()
    {
        var (status, answer) = await RawHttp.SendAsync(portal.Address, Tokens + "?" + new string('(', 100_000));

        Assert.Equal(401, status);
        Assert.Contains("AUTH_001", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(65_536, false)]
    [InlineData(65_537, true)]
    public async Task Request_ForAPage_MayHaveALongFirstLine(int line, bool tooLong)
    {
        var (status, _) = await RawHttp.SendAsync(portal.Address, "/login?".PadRight(line - "GET  HTTP/1.1".Length, 'x'));

        Assert.Equal(tooLong, status == 414);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/login?returnUrl=")]
    public async Task Request_LongForAPage_IsTooLong(string path)
    {
        var (status, answer) = await RawHttp.SendAsync(portal.Address, path + new string('x', 100_000));

        Assert.Equal(414, status);
        Assert.Contains("Content-Length: 0", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_BeyondAMegabyte_IsCutOff()
    {
        var (status, _) = await AskAsync(await portal.CreateTokenAsync(), Tokens + "?" + new string('x', (1 << 20) + 9_000));

        Assert.Equal(414, status);
    }

    private Task<(int Status, string Remainder)> AskAsync(ApiKey key, string target) =>
        RawHttp.SendAsync(portal.Address, target, $"Authorization: {key.ToHeaderValue()}");
}
