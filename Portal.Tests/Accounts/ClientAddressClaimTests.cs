using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Portal.Accounts;

namespace Portal.Tests.Accounts;

public sealed class ClientAddressClaimTests
{
    [Theory]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::1%4", "2001:db8::1")]
    [InlineData(null, null)]
    public void Add_SignedInPerson_GivesTheActorTheAddressAndLeavesTheCookieAsItIs(string? address, string? expected)
    {
        var cookie = new ClaimsPrincipal(new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, "ada"), new("portal:account", "PA-000-001"), new("portal:name", "Ada"), new(ClaimTypes.Role, "Operator")], "cookie"));
        var context = new DefaultHttpContext { User = cookie };
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);

        ClientAddressClaim.Add(context);

        Assert.Equal(("ada", Portal.Access.Role.Operator, expected), (context.User.ToActor().Id, context.User.ToActor().Role, context.User.ToActor().Address));
        Assert.Null(cookie.ToActor().Address);
        Assert.DoesNotContain(cookie.Claims, claim => claim.Type == PortalClaims.Address);
    }

    [Fact]
    public void Add_NobodySignedIn_AddsNothing()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        ClientAddressClaim.Add(context);
        Assert.Empty(context.User.Claims);
    }
}
