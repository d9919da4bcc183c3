using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Modules, paths, and the order of the checks.</summary>
public sealed class ApiKeyMiddlewareOrderTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Module_NotEnabled_IsForbiddenAndNamed()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        using var served = await portal.SendAsync(key, "/public/v1/agreements");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        using var refused = await portal.SendAsync(key, "/public/v1/billing/invoices");
        Assert.Equal(
            $"The token {key.Handle} may not use the module Billing. Ask its administrator to enable it.",
            await ErrorBody.AssertAsync(refused, HttpStatusCode.Forbidden, "AUTH_004"));
    }

    [Theory]
    [InlineData("/public/v1/agreements/")]
    [InlineData("/public/v1/forms")]
    [InlineData("/PUBLIC/v1/AGREEMENTS")]
    [InlineData("/public/v1/%61greements")]
    [InlineData("/%70ublic/%761/agreements")]
    public async Task Module_AnyWayToWriteItsPath_IsServed(string path)
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        var (status, _) = await RawHttp.SendAsync(portal.Address, path, $"Authorization: {key.ToHeaderValue()}");
        Assert.Equal(200, status);
    }

    [Theory]
    [InlineData("/public/v1/BILLING")]
    [InlineData("/public/v1/billing/")]
    [InlineData("/public/v1/billing/x/y?limit=1")]
    [InlineData("/public/v1/b%69lling")]
    public async Task OtherModule_AnyWayToWriteItsPath_IsForbidden(string path)
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        var (status, body) = await RawHttp.SendAsync(portal.Address, path, $"Authorization: {key.ToHeaderValue()}");
        Assert.Equal(403, status);
        Assert.Contains("AUTH_004", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/v1")]
    [InlineData("/public/v1/")]
    [InlineData("/public/v1//agreements")]
    [InlineData("/public/v1/agreementsx")]
    [InlineData("/public/v1/agreements%2Fx")]
    [InlineData("/public/v1/auth")]
    [InlineData("/public/v1/auth/")]
    [InlineData("/public/v1/tokens")]
    [InlineData("/public/v1/accountsx")]
    public async Task Path_OwnedByNobody_IsNotFound(string path)
    {
        var key = await portal.CreateTokenAsync();
        var (status, body) = await RawHttp.SendAsync(portal.Address, path, $"Authorization: {key.ToHeaderValue()}");
        Assert.Equal(404, status);
        Assert.Contains($"There is nothing at {path}. Check the address.", body, StringComparison.Ordinal);
        Assert.Contains("NFND_001", body, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Sandbox", body, StringComparison.Ordinal);
    }

    /// <summary>Servers interpret these paths differently.</summary>
    [Theory]
    [InlineData("/public/v1/agreements/../billing")]
    [InlineData("/public/v1/agreements/../agreements")]
    [InlineData("/public/v1/agreements/%2E%2E/billing")]
    [InlineData("/public/v1/agreements/..//../billing")]
    [InlineData("/public/v1/billing/%2e%2e/agreements")]
    [InlineData("/login/../public/v1/agreements")]
    [InlineData("/public/v1/../../login")]
    [InlineData("/public/v1/auth/tokens/../context")]
    public async Task Path_WithDotSegments_BelongsToNobody(string path)
    {
        var key = await portal.CreateTokenAsync();
        var (status, body) = await RawHttp.SendAsync(portal.Address, path, $"Authorization: {key.ToHeaderValue()}");
        Assert.Equal(404, status);
        Assert.Contains("NFND_001", body, StringComparison.Ordinal);
        Assert.Contains("- 404 NFND_001 1", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/v1/accounts/PA-100-200")]
    [InlineData("/public/v1/auth/context/more")]
    public async Task Path_WithoutEndpoint_IsNotFound(string path)
    {
        var key = await portal.CreateTokenAsync();
        using var response = await portal.SendAsync(key, path);
        Assert.Equal($"There is nothing at {path}. Check the address.", await ErrorBody.AssertAsync(response, HttpStatusCode.NotFound, "NFND_001"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("BREW")]
    public async Task Method_NotOffered_IsToldWithWhatIs(string method)
    {
        var key = await portal.CreateTokenAsync();
        using var response = await portal.SendAsync(key, "/public/v1/accounts", new HttpMethod(method));
        Assert.Equal(
            $"The method {method} is not supported at /public/v1/accounts. Use GET, HEAD.",
            await ErrorBody.AssertAsync(response, HttpStatusCode.MethodNotAllowed, "MTHD_001"));
        Assert.Equal("GET, HEAD", string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task Checks_AllWouldRefuse_TheEarlierOneSpeaks()
    {
        const string forbidden = "/public/v1/billing", nowhere = "/public/v1/nowhere";
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        var wrong = $"ApiKey {key.Handle}:{new string('0', 40)}";
        await AssertAsync(key.ToHeaderValue(), forbidden, 403, "AUTH_004");
        await AssertAsync(key.ToHeaderValue(), nowhere, 404, "NFND_001");

        await portal.DisableAsync(key);
        await AssertAsync(key.ToHeaderValue(), forbidden, 401, "AUTH_002");
        await AssertAsync(key.ToHeaderValue(), nowhere, 401, "AUTH_002");
        await AssertAsync(wrong, forbidden, 401, "AUTH_001");
        await AssertAsync(wrong, nowhere, 401, "AUTH_001");
    }

    [Fact]
    public async Task Modules_Edited_HoldFromTheNextRequest()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/billing", 403, "AUTH_004");
        await portal.EditModulesAsync(key, new ModuleChoice(false, ["MD-0003"]));
        await AssertAsync(key.ToHeaderValue(), "/public/v1/billing", 200, "");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/agreements", 403, "AUTH_004");
        await portal.EditModulesAsync(key, ModuleChoice.All);
        await AssertAsync(key.ToHeaderValue(), "/public/v1/agreements", 200, "");
    }

    [Fact]
    public async Task AlwaysAllowed_TokenOfAnyModule_IsServed()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0018");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/accounts", 200, "");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/auth/context", 200, "");
    }

    [Fact]
    public async Task ApiPath_SignedInOrNot_NeverRedirects()
    {
        using var response = await portal.SendAsync((string?)null, "/public/v1/nowhere");
        Assert.Null(response.Headers.Location);
        using var page = await portal.SendAsync((string?)null, "/public/v1x");
        Assert.NotEqual("application/json", page.Content.Headers.ContentType?.MediaType);
    }

    private async Task AssertAsync(string header, string path, int status, string code)
    {
        using var response = await portal.SendAsync(header, path);
        if (code.Length > 0)
            await ErrorBody.AssertAsync(response, (HttpStatusCode)status, code);
        else
            Assert.Equal(status, (int)response.StatusCode);
    }
}
