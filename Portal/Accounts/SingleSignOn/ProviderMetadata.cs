using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Reads the discovery document of a provider, and refuses that of another issuer (OpenID Connect Discovery 1.0, 4.3): its keys would be
/// trusted for this one.</summary>
internal sealed class ProviderMetadata(string authority) : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    private static readonly OpenIdConnectConfigurationRetriever Retriever = new();

    public static string AddressOf(string authority) => $"{authority.TrimEnd('/')}/.well-known/openid-configuration";

    /// <exception cref="InvalidOperationException">The document is of another issuer, or lacks what Portal needs.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var document = await ((IConfigurationRetriever<OpenIdConnectConfiguration>)Retriever).GetConfigurationAsync(address, retriever, cancel);
        if (!string.Equals(document.Issuer?.TrimEnd('/'), authority.TrimEnd('/'), StringComparison.Ordinal))
            throw new InvalidOperationException($"The discovery document at {address} is of another issuer than the Authority {authority}.");
        if (!IsAddress(document.AuthorizationEndpoint) || !IsAddress(document.TokenEndpoint) || document.SigningKeys.Count == 0)
            throw new InvalidOperationException($"The discovery document at {address} has no authorization endpoint, token endpoint or signing key.");
        return document;
    }

    private bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && authority.StartsWith("http:", StringComparison.OrdinalIgnoreCase)));
}
