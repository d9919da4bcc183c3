using System.Net;
using Portal.Data.Nodes;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

public sealed class RoleFilterTests
{
    [Theory]
    [InlineData(ProcessRole.Gateway, "/login", HttpStatusCode.NotFound, "This node serves only API requests. Open the pages on a node with Portal:Role Screens or All.")]
    [InlineData(ProcessRole.Gateway, "/scim/v2/Users", HttpStatusCode.NotFound, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"404\",\"detail\":\"This node serves only API requests. Send SCIM requests to a node with Portal:Role Screens or All.\"}")]
    [InlineData(ProcessRole.Gateway, "/openapi/v1.json", HttpStatusCode.OK, "\"openapi\"")]
    [InlineData(ProcessRole.Gateway, "/openapi", HttpStatusCode.NotFound, "This node serves only API requests.")]
    [InlineData(ProcessRole.Gateway, "/public/v1/customers", HttpStatusCode.Unauthorized, "AUTH_001")]
    [InlineData(ProcessRole.Gateway, "/health/ready", HttpStatusCode.OK, "Healthy")]
    [InlineData(ProcessRole.Screens, "/login", HttpStatusCode.OK, "<html")]
    [InlineData(ProcessRole.Screens, "/scim/v2/Users", HttpStatusCode.NotFound, "SCIM is off.")]
    [InlineData(ProcessRole.Screens, "/openapi/v1.json", HttpStatusCode.OK, "\"openapi\"")]
    [InlineData(ProcessRole.Screens, "/public/v1/customers", HttpStatusCode.NotFound, "This node serves only pages for people. Send API requests to a node with Portal:Role Gateway or All.")]
    [InlineData(ProcessRole.Screens, "/forward-auth/nginx", HttpStatusCode.NotFound, "NFND_001")]
    [InlineData(ProcessRole.Screens, "/health/ready", HttpStatusCode.OK, "Healthy")]
    public async Task Request_ToANodeWithARole_IsServedOrSaysWhereToSendIt(ProcessRole role, string path, HttpStatusCode status, string text)
    {
        await using var portal = new PortalHost("Development", new Dictionary<string, string> { [ProcessRoleSetting.Name] = role.ToString() });
        await portal.InitializeAsync();

        using var response = await portal.SendAsync(null as string, path);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void Role_ThatDoesNotExist_StopsTheStartAndNamesTheRoles()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { [ProcessRoleSetting.Name] = "gate" };

        var stopped = Assert.Throws<Portal.Secrets.SecretException>(() => ProcessRoleSetting.Load(configuration));

        Assert.Equal("Portal:Role is gate. Set it to All, Screens or Gateway.", stopped.Message);
        Assert.Equal(stopped.Message, StartupFailure.Describe(stopped));
    }
}
