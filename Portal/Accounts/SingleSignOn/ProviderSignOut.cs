using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Finds the address at which a person signs out at their provider (OpenID Connect RP-Initiated Logout 1.0).</summary>
public sealed partial class ProviderSignOut(IOptionsMonitor<OpenIdConnectOptions> options, ILogger<ProviderSignOut> logger)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <param name="returnTo">The address of Portal to which the provider sends the person back. It must be registered there.</param>
    /// <returns>Null: the provider has no such address, or doesn't respond. The person is signed out of Portal only.</returns>
    internal async Task<string?> FindAsync(SignInProvider provider, string? idToken, string returnTo, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestWait);
        try
        {
            var configuration = await options.Get(ProviderSchemes.Of(provider)).ConfigurationManager!.GetConfigurationAsync(patience.Token);
            if (!Uri.TryCreate(configuration.EndSessionEndpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                return null;
            return new OpenIdConnectMessage
            {
                IssuerAddress = configuration.EndSessionEndpoint, IdTokenHint = idToken, ClientId = provider.Options.ClientId, PostLogoutRedirectUri = returnTo, EnableTelemetryParameters = false,
            }.CreateLogoutRequestUrl();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnavailable(provider.Name, exception.GetBaseException().Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} can't be reached, so a person was signed out of Portal only: {Cause}")]
    private partial void LogUnavailable(string provider, string cause);
}
