using System.Net;
using System.Net.Http.Json;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>The first check: whether there is a key and it is valid.</summary>
public sealed class ApiKeyMiddlewareKeyTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Path = "/public/v1/agreements";

    public static TheoryData<string> Headers => new(
        "garbage",
        "ApiKey",
        "ApiKey ",
        "ApiKey SU-160-984-311",
        "ApiKey SU-160-984-311:",
        "ApiKey :f45bee7e79b10ff6eff67902ccb4f3d46724ceb8",
        "ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8",
        "ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb",
        "ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb88",
        "ApiKey SU-160-984-311;f45bee7e79b10ff6eff67902ccb4f3d46724ceb8",
        "Bearer SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8",
        "SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb8");

    [Fact]
    public async Task NoHeader_AnyPath_IsUnauthorized()
    {
        foreach (var path in new[] { "/public/v1", "/public/v1/", Path, "/public/v1/nobody/owns/this", "/public/v1/accounts", "/PUBLIC/V1/agreements" })
            await AssertUnauthorizedAsync(null, path);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public Task BadHeader_IsUnauthorized(string header) => AssertUnauthorizedAsync(header);

    [Fact]
    public async Task Refused_Body_IsExactlyTheForm()
    {
        using var response = await portal.SendAsync("garbage", Path);
        Assert.Matches(
            """^\{"error_code":"AUTH_001","errors":\["API request is unauthorized."\],"request_id":"[A-Z0-9]+:[0-9A-F]{8}"\}\z""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task WrongSecretAndUnknownHandle_AnswerTheSame()
    {
        var key = await portal.CreateTokenAsync();
        using var wrong = await portal.SendAsync($"ApiKey {key.Handle}:{new string('0', 40)}", Path);
        using var unknown = await portal.SendAsync($"ApiKey {ApiKey.CreateHandle()}:{new string('0', 40)}", Path);
        Assert.Equal(await DescribeAsync(unknown), await DescribeAsync(wrong));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
    }

    [Fact]
    public async Task KeyOfEightKilobytes_IsUnauthorized()
    {
        await AssertUnauthorizedAsync("ApiKey " + new string('7', 8 * 1024));
        var key = await portal.CreateTokenAsync();
        await AssertUnauthorizedAsync(key.ToHeaderValue() + new string('7', 8 * 1024));
    }

    [Fact]
    public async Task RightKey_OtherScheme_IsUnauthorized()
    {
        var key = await portal.CreateTokenAsync();
        await AssertUnauthorizedAsync(key.ToHeaderValue().Replace("ApiKey", "Bearer", StringComparison.Ordinal));
        await AssertUnauthorizedAsync(key.ToHeaderValue().Replace("ApiKey ", "ApiKey", StringComparison.Ordinal));
        await AssertUnauthorizedAsync(key.ToHeaderValue().Replace("ApiKey ", "ApiKey\t", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("apikey")]
    [InlineData("APIKEY")]
    [InlineData("aPiKeY")]
    [InlineData("ApiKey  ")]
    public async Task RightKey_SchemeInAnyCase_IsAccepted(string scheme)
    {
        var key = await portal.CreateTokenAsync();
        using var response = await portal.SendAsync(key.ToHeaderValue().Replace("ApiKey", scheme, StringComparison.Ordinal), Path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task RightKey_UpperCaseSecret_IsUnauthorized()
    {
        var parts = (await portal.CreateTokenAsync()).ToHeaderValue().Split(':');
        // Forty digits without a letter would be the same in upper case.
        Assert.Contains(parts[1], char.IsAsciiLetter);
        await AssertUnauthorizedAsync($"{parts[0]}:{parts[1].ToUpperInvariant()}");
    }

    [Fact]
    public async Task RightKey_LowerCaseHandle_IsUnauthorized()
    {
        var key = await portal.CreateTokenAsync();
        await AssertUnauthorizedAsync(key.ToHeaderValue().Replace("SU-", "su-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RightKey_UnicodeDigitsInHandle_IsUnauthorized()
    {
        var parts = (await portal.CreateTokenAsync()).ToHeaderValue().Split(':');
        var arabic = string.Concat(parts[0].Select(sign => char.IsAsciiDigit(sign) ? (char)('\u0660' + (sign - '0')) : sign));
        var (status, body) = await RawHttp.SendAsync(portal.Address, Path, $"Authorization: {arabic}:{parts[1]}");
        Assert.Equal(401, status);
        Assert.Contains("AUTH_001", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RightKey_InSeveralHeaders_IsUnauthorized()
    {
        var key = (await portal.CreateTokenAsync()).ToHeaderValue();
        foreach (var headers in new string[][] { [key, key], [key, "ApiKey x"], ["Bearer x", key], ["", key], [key, ""] })
        {
            var (status, body) = await RawHttp.SendAsync(portal.Address, Path, [.. headers.Select(header => $"Authorization: {header}")]);
            Assert.Equal(401, status);
            Assert.Contains("AUTH_001", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RightKey_AskedForByHead_HasNoBody()
    {
        var key = await portal.CreateTokenAsync();
        using var served = await portal.SendAsync(key, Path, HttpMethod.Head);
        using var refused = await portal.SendAsync("garbage", Path, HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (served.StatusCode, refused.StatusCode));
        Assert.Empty(await served.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task AssertUnauthorizedAsync(string? header, string path = Path)
    {
        using var response = await portal.SendAsync(header, path);
        var error = await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_001");
        Assert.Equal("API request is unauthorized.", error);
    }

    private static async Task<string> DescribeAsync(HttpResponseMessage response)
    {
        response.Headers.Date = null;
        var body = await response.Content.ReadFromJsonAsync<ErrorBody>(TestContext.Current.CancellationToken);
        return $"{response} {body! with { RequestId = "", Errors = [] }} {string.Join('\n', body.Errors)}";
    }
}
