using System.Net;
using Portal.Tests.Support;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

/// <summary>No token can use modules beyond its own, even through another token.</summary>
public sealed class TokenReachTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Date = """{"expiration_date":"2028-01-01"}""";

    public static TheoryData<string, string, string?> Changes => new()
    {
        { "PUT", "", """{"description":"x"}""" },
        { "PATCH", "", """{"description":"x"}""" },
        { "DELETE", "", null },
        { "POST", "/activate", null },
        { "POST", "/deactivate", null },
        { "POST", "/renew", Date },
        { "POST", "/rotate", null },
        { "POST", "/rotate", Date },
        { "POST", "/permissions", """{"id":"MD-0002"}""" },
        { "DELETE", "/permissions", """{"id":"MD-0003"}""" },
        { "DELETE", "/permissions", null },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_OfATokenWithMoreModules_IsForbiddenAndDoesNothing(string method, string path, string? body)
    {
        var caller = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");
        var end = portal.Clock.GetUtcNow().UtcDateTime.AddDays(50);
        foreach (var (above, named) in new[] { (await portal.CreateTokenAsync(end, "MD-0002", "MD-0003"), "MD-0003"), (await portal.CreateTokenAsync(end), "all modules") })
        {
            var before = await portal.CallAsync(caller, "GET", $"{TokensPath}/{above.Handle}").JsonAsync();

            Assert.Contains(named, await portal.CallAsync(caller, method, $"{TokensPath}/{above.Handle}{path}", body)
                .RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005"), StringComparison.Ordinal);

            Assert.Equal(before.GetRawText(), (await portal.CallAsync(caller, "GET", $"{TokensPath}/{above.Handle}").JsonAsync()).GetRawText());
            Assert.True(await portal.IsAcceptedAsync(above.ToHeaderValue()));
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_OfATokenWithinReach_IsDone(string method, string path, string? body)
    {
        var caller = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002", "MD-0003");
        var within = await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(50), "MD-0002", "MD-0003");

        using var response = await portal.CallAsync(caller, method, $"{TokensPath}/{within.Handle}{path}", body);

        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
    }

    [Fact]
    public async Task EveryModuleByName_IsLessThanAllModules()
    {
        var caller = await portal.CreateTokenAsync(null, [.. TestCatalog.Default.Modules.Select(module => module.Id)]);
        var above = await portal.CreateTokenAsync();

        await portal.CallAsync(caller, "POST", $"{TokensPath}/{above.Handle}/rotate").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005");
        await portal.CallAsync(await portal.CreateTokenAsync(), "POST", $"{TokensPath}/{above.Handle}/rotate").JsonAsync();
    }

    [Fact]
    public async Task Grant_OfAModuleThatTheCallerLacks_IsForbidden()
    {
        var caller = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");
        foreach (var handle in new[] { caller.Handle, (await portal.CreateTokenAsync(null, "MD-0002")).Handle })
        {
            Assert.Contains("MD-0003", await portal.CallAsync(caller, "POST", $"{TokensPath}/{handle}/permissions", """{"id":"MD-0003"}""")
                .RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005"), StringComparison.Ordinal);
            Assert.DoesNotContain("MD-0003", ModulesOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{handle}").JsonAsync()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Self_TellsStatusExpirationModulesAndLimit()
    {
        await using var limited = new PortalHost("Development", new Dictionary<string, string> { ["Tokens:RateLimit"] = "100 per minute" });
        await limited.InitializeAsync();
        var key = await limited.CreateTokenAsync(new DateTime(2027, 3, 1, 0, 0, 0, DateTimeKind.Utc), "MD-0007");

        var self = await limited.CallAsync(key, "GET", $"{TokensPath}/self").JsonAsync();

        Assert.Equal("id name status expiration_date renewed_expiration_date permissions rate_limit", FieldsOf(self));
        Assert.Equal((key.Handle, "active", "2027-03-01T00:00:00+00:00", "MD-0007"), (self.Handle(), self.TextOf("status"), self.TextOf("expiration_date"), ModulesOf(self)));
        Assert.Equal("""{"requests":100,"per":"minute"}""", self.GetProperty("rate_limit").GetRawText());
    }

    [Fact]
    public async Task RotateSelf_ReplacesTheKeyThatWasSent()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007");

        var token = await portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate").JsonAsync();

        Assert.Equal(key.Handle, token.Handle());
        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.True(await portal.IsAcceptedAsync(token.TextOf("token")));
    }

    [Fact]
    public async Task Self_WithoutTheModule_IsForbidden()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        await portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_004");
    }

    /// <summary>If the catalog opens the path to every token by mistake, tokens can read but not change.</summary>
    [Fact]
    public async Task Change_WhereNoModuleOwnsThePath_IsForbidden()
    {
        await using var open = new PortalHost("Development", new Dictionary<string, string>
        {
            ["Catalog:Modules:6:Paths:0"] = "/auth/elsewhere", ["Catalog:AlwaysAllowed:2"] = "/auth/tokens",
        });
        await open.InitializeAsync();
        var key = await open.CreateTokenAsync(null, "MD-0002");

        await open.CallAsync(key, "GET", TokensPath).JsonAsync();
        foreach (var (method, path, body) in new[]
                 {
                     ("POST", "", """{"name":"x","extension":{"id":"EXT-000"}}"""), ("POST", $"/{key.Handle}/rotate", null), ("DELETE", $"/{key.Handle}", null),
                     ("PUT", $"/{key.Handle}", """{"name":"x"}"""), ("POST", $"/{key.Handle}/permissions", """{"id":"MD-0002"}"""), ("POST", "/self/rotate", null),
                 })
            await open.CallAsync(key, method, TokensPath + path, body).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005");
    }
}
