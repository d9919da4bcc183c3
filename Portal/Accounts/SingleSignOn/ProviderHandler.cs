using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace Portal.Accounts.SingleSignOn;

/// <summary>The framework's handler of OpenID Connect, which reads responses from the address only: a posted form could be large.</summary>
public sealed class ProviderHandler(IOptionsMonitor<OpenIdConnectOptions> options, ILoggerFactory logger, HtmlEncoder htmlEncoder, UrlEncoder encoder)
    : OpenIdConnectHandler(options, logger, htmlEncoder, encoder)
{
    public override async Task<bool> ShouldHandleRequestAsync() => HttpMethods.IsGet(Request.Method) && await base.ShouldHandleRequestAsync();
}
