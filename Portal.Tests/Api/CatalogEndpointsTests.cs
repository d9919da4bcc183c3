using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed class CatalogEndpointsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("/modules", "items 0-18/19", """{"id":"MD-0002","name":"Agreements"}""")]
    [InlineData("/modules/?ordering(-name)&limit=1", "items 0-0/19", """{"id":"MD-0018","name":"Usage"}""")]
    [InlineData("/modules?search=ews", "items 0-0/1", """{"id":"MD-0011","name":"News"}""")]
    [InlineData("/extensions?id=EXT-001", "items 0-0/1",
        """{"id":"EXT-001","name":"zapier","description":"Zapier workflow automation platform.","portal":"any","status":"unrestricted","categories":[],"industries":[],"icon":null,"external_id":null,"subtitle":null,"overview":null,"websites":null}""")]
    [InlineData("/extensions/?like(name,*o*)&select(-description,-portal,-status,-categories,-industries,-icon,-external_id,-overview,-websites,subtitle,featured)", "items 0-2/3",
        """{"id":"EXT-000","name":"custom","subtitle":null}""")]
    public async Task List_Query_HasItsRangeAndFirst(string path, string range, string first)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(null, "MD-0007"), "/public/v1" + path);
        var body = await Task.FromResult(response).JsonAsync();

        Assert.Equal((range, first), (PortalHost.ContentRangeOf(response), body[0].GetRawText()));
    }

    [Theory]
    [InlineData("/modules/MD-0007", "Integrations")]
    [InlineData("/modules/MD-0007/", "Integrations")]
    [InlineData("/extensions/EXT-000", "custom")]
    public async Task Get_One_IsIt(string path, string name) =>
        Assert.Equal(name, (await portal.CallAsync(await portal.CreateTokenAsync(), "GET", "/public/v1" + path).JsonAsync()).TextOf("name"));

    [Theory]
    [InlineData("/modules/MD-9999", "There is no module MD-9999.")]
    [InlineData("/modules/integrations", "There is no module integrations.")]
    [InlineData("/extensions/zapier", "There is no extension zapier.")]
    public async Task Get_Unknown_IsNotFound(string path, string expected) => Assert.Equal(
        expected, await portal.CallAsync(await portal.CreateTokenAsync(), "GET", "/public/v1" + path).RefusedAsync(HttpStatusCode.NotFound, "NFND_001"));

    [Theory]
    [InlineData("/modules?paths=x")]
    [InlineData("/extensions?description=x")]
    [InlineData("/extensions?search=x")]
    public async Task List_BadQuery_IsTold(string path) => Assert.StartsWith(
        "At character 1: ", await portal.CallAsync(await portal.CreateTokenAsync(), "GET", "/public/v1" + path).InvalidAsync(), StringComparison.Ordinal);
}
