using System.Security.Claims;
using Portal.Addresses;

namespace Portal.Accounts;

/// <summary>Adds the address of the client to the user of a request, so that the audit log can name it. A circuit keeps the user of the request that opened it.</summary>
internal static class ClientAddressClaim
{
    /// <remarks>The principal of the cookie stays as it is: a renewed cookie would contain the claim.</remarks>
    public static void Add(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true && AddressNumber.Write(context.Connection.RemoteIpAddress) is { } address)
            context.User = new ClaimsPrincipal([.. context.User.Identities, new ClaimsIdentity([new Claim(PortalClaims.Address, address)])]);
    }
}
