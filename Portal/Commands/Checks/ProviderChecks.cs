using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Portal.Accounts.SingleSignOn;

namespace Portal.Commands.Checks;

/// <summary>Reads the discovery document of each identity provider.</summary>
internal static class ProviderChecks
{
    private const string Providers = "providers";

    public static async Task<List<Finding>> RunAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var schemes = services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>();
        foreach (var provider in services.GetRequiredService<SignInProviders>().All)
            findings.Add(await CheckAsync(provider, schemes.Get(ProviderSchemes.Of(provider)), cancellation));
        return findings;
    }

    private static async Task<Finding> CheckAsync(SignInProvider provider, OpenIdConnectOptions scheme, CancellationToken cancellation)
    {
        try
        {
            var document = await scheme.ConfigurationManager!.GetConfigurationAsync(cancellation);
            return Finding.Ok(Providers, $"{provider.Name}: the discovery document of {document.Issuer} is valid. {(string.IsNullOrEmpty(document.EndSessionEndpoint)
                ? "The provider supports no sign-out, so people sign out of Portal only."
                : "The provider supports sign-out.")}");
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Finding.Failure(Providers, $"{provider.Name}: {exception.GetBaseException().Message.TrimEnd('.')}. Check the Authority, the provider and the network; until then, nobody can sign in with it.");
        }
    }
}
