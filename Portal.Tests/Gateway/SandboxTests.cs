using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

public sealed class SandboxTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Agreements = "/public/v1/agreements";

    [Fact]
    public async Task List_EveryPathOfTheCatalogue_IsAnsweredAndSoIsEachObject()
    {
        var key = await portal.CreateTokenAsync();
        var paths = portal.Services.GetRequiredService<ModuleCatalog>().Modules.SelectMany(module => module.Paths)
            .Where(path => !ManagementPaths.Contains(path)).ToList();
        Assert.NotEmpty(paths);
        foreach (var path in paths.SelectMany(path => new[] { path, path + "/" }))
        {
            using var list = await portal.SendAsync(key, "/public/v1" + path);
            AssertSandbox(list, HttpStatusCode.OK);
            Assert.Equal("items 0-11/12", PortalHost.ContentRangeOf(list));
            var first = (await ReadAsync(list))[0];
            using var one = await portal.SendAsync(key, $"/public/v1{path.TrimEnd('/')}/{first.GetProperty("id").GetString()}");
            AssertSandbox(one, HttpStatusCode.OK);
            Assert.Equal(first.GetRawText(), (await ReadAsync(one)).GetRawText());
        }
    }

    [Fact]
    public async Task List_Agreements_LookLikeAgreements()
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + "?limit=1");
        Assert.Equal(
            """
            [{"id":"AGR-100-200-001","name":"Distribution agreement with Alder Works","type":"distribution","status":"enabled","version":1,"owner":{"id":"VA-100-001","name":"Alder Works"},"events":{"created":{"at":"2026-01-05T09:30:00Z"},"updated":{"at":"2026-01-07T09:30:00Z"}}}]
            """,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("?limit=10", "items 0-9/12", 10)]
    [InlineData("?limit=10&offset=10", "items 10-11/12", 2)]
    [InlineData("?offset=11", "items 11-11/12", 1)]
    [InlineData("?offset=12", "items 12-12/12", 0)]
    [InlineData("?offset=2147483647", "items 2147483647-2147483647/12", 0)]
    [InlineData("?limit=0", "items 0-0/12", 0)]
    [InlineData("?limit=1000", "items 0-11/12", 12)]
    [InlineData("?unknown=1", "items 0-11/12", 12)]
    public async Task List_Window_IsCutOut(string query, string range, int count)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + query);
        AssertSandbox(response, HttpStatusCode.OK);
        Assert.Equal(range, PortalHost.ContentRangeOf(response));
        Assert.Equal(count, (await ReadAsync(response)).GetArrayLength());
    }

    [Theory]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=", "limit")]
    [InlineData("?limit=1&limit=2", "limit")]
    [InlineData("?limit=%D9%A1", "limit")]
    [InlineData("?offset=1.5", "offset")]
    [InlineData("?offset=2147483648", "offset")]
    [InlineData("?offset=%201", "offset")]
    public async Task List_BadWindow_NamesTheFault(string query, string parameter)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + query);
        Assert.StartsWith(parameter + ": must be", await ErrorBody.AssertAsync(response, HttpStatusCode.BadRequest, "VAL_001"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/AGR-100-200-999")]
    [InlineData("/agr-100-200-001")]
    [InlineData("/AGR-100-200-001/items")]
    [InlineData("/AGR-100-200-001//")]
    public async Task Object_Unknown_IsNotFound(string rest)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + rest);
        Assert.Contains(
            $"The sandbox has no data at {Agreements}{rest}. You can list its IDs at {Agreements}.",
            await ErrorBody.AssertAsync(response, HttpStatusCode.NotFound, "NFND_001"), StringComparison.Ordinal);
        AssertSandbox(response, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Object_TrailingSlash_IsAnswered()
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + "/AGR-100-200-001/");
        AssertSandbox(response, HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("PUT", "/AGR-100-200-001")]
    [InlineData("PATCH", "/")]
    [InlineData("DELETE", "/unknown/and/deeper")]
    public async Task Method_ThatWouldChangeSomething_IsNotAllowed(string method, string rest)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), Agreements + rest, new HttpMethod(method));
        Assert.StartsWith(
            "The sandbox is read-only", await ErrorBody.AssertAsync(response, HttpStatusCode.MethodNotAllowed, "MTHD_001"), StringComparison.Ordinal);
        AssertSandbox(response, HttpStatusCode.MethodNotAllowed);
        Assert.Equal("GET, HEAD", string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task Refused_ByTheGate_IsNotTheSandbox()
    {
        using var response = await portal.SendAsync((string?)null, Agreements);
        Assert.False(response.Headers.Contains("X-Sandbox"));
    }

    [Fact]
    public async Task OutsideDevelopment_ModuleWithoutUpstream_IsUnavailable()
    {
        await using var production = new PortalHost("Production");
        await production.InitializeAsync();
        var key = await production.CreateTokenAsync();
        foreach (var path in new[] { "", "/", "/AGR-100-200-001", "/a/b" })
        {
            using var response = await production.SendAsync(key, Agreements + path);
            var error = await ErrorBody.AssertAsync(response, HttpStatusCode.ServiceUnavailable, "GTW_001");
            Assert.Contains("The module Agreements (MD-0002) has no upstream", error, StringComparison.Ordinal);
            Assert.Contains("Catalog:Modules", error, StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("X-Sandbox"));
        }

        using var context = await production.SendAsync(key, "/public/v1/auth/context");
        Assert.Equal(HttpStatusCode.OK, context.StatusCode);
        Assert.Contains("MD-0002 503 GTW_001 4", string.Join('\n', await production.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    private static void AssertSandbox(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("true", Assert.Single(response.Headers.GetValues("X-Sandbox")));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
}
