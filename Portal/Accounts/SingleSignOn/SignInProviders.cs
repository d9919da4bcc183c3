using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>An identity provider of the configuration.</summary>
/// <param name="Name">The name of its section, which is part of its addresses and is stored with users and sessions.</param>
public sealed record SignInProvider(string Name, string DisplayName, ProviderOptions Options)
{
    /// <summary>Without the options, which contain a secret.</summary>
    public override string ToString() => Name;
}

/// <summary>The ways to sign in that the configuration allows.</summary>
public sealed class SignInProviders(IOptions<SignInOptions> options)
{
    public const int LongestName = UserSession.ProviderLength;
    public const int LongestDisplayName = 64;

    /// <summary>A provider's secret has at most a few hundred characters.</summary>
    private const int LongestSecret = 4096;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<SignInProvider> All { get; } =
    [
        .. options.Value.Providers.OrderBy(provider => provider.Key, StringComparer.Ordinal)
            .Select(provider => new SignInProvider(provider.Key, provider.Value.DisplayName is { Length: > 0 } name ? name : provider.Key, provider.Value)),
    ];

    /// <summary>Whether people can sign in with a password.</summary>
    public bool AllowPassword => options.Value.Password;

    /// <returns>Null: there is no such provider.</returns>
    public SignInProvider? Find(string? name) => All.FirstOrDefault(provider => provider.Name == name);

    /// <summary>The client secret, from the setting or the file.</summary>
    internal static string SecretOf(ProviderOptions provider)
    {
        if (provider.ClientSecretFile.Length == 0)
            return provider.ClientSecret;
        using var file = new StreamReader(provider.ClientSecretFile);
        var text = new char[LongestSecret];
        return new string(text, 0, file.ReadBlock(text)).Trim();
    }
}
