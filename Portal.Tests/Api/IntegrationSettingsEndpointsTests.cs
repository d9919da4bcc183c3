using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed class IntegrationSettingsEndpointsTests(PortalHost portal) : IClassFixture<PortalHost>, IAsyncDisposable
{
    private const string Settings = "/public/v1/modules/integrations/settings";

    private IpRuleService Rules => portal.Services.GetRequiredService<IpRuleService>();

    public async ValueTask DisposeAsync()
    {
        // Those of tokens first: a token must not be left without an address.
        foreach (var rule in (await Rules.ListAsync(portal.Administrator)).Reverse())
            await Rules.RemoveAsync(portal.Administrator, rule.Id);
    }

    [Theory]
    [InlineData(Settings)]
    [InlineData(Settings + "/")]
    public async Task Get_NoRule_IsAnEmptyList(string path)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(null, "MD-0007"), path);
        Assert.Equal("""{"acl":{"ips":[]}}""", await BodyAsync(response));
        Assert.False(response.Headers.Contains("X-Sandbox"));
    }

    [Fact]
    public async Task Get_Rules_AreNamesWithFirstAndLastAddress()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007");
        foreach (var rule in new NewIpRule[] { new("Office", "127.0.0.0/8"), new(null, "::ffff:192.0.2.7"), new("Six", "2001:db8::/112"), new("Own", "127.0.0.1", key.Handle) })
            Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(portal.Administrator, rule));

        using var response = await portal.SendAsync(key, Settings);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            """{"acl":{"ips":[{"name":"Office","ip_range":["127.0.0.0","127.255.255.255"]},{"name":"","ip_range":["192.0.2.7","192.0.2.7"]},{"name":"Six","ip_range":["2001:db8::","2001:db8::ffff"]}]}}""",
            await BodyAsync(response));
    }

    [Fact]
    public async Task Get_TokenWithoutTheModule_IsForbidden()
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(null, "MD-0002"), Settings);
        await ErrorBody.AssertAsync(response, HttpStatusCode.Forbidden, "AUTH_004");
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Change_IsNotOffered(string method)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(null, "MD-0007"), Settings, new HttpMethod(method));
        await ErrorBody.AssertAsync(response, HttpStatusCode.MethodNotAllowed, "MTHD_001");
    }

    private static async Task<string> BodyAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
