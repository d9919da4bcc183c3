using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Stops the start if nobody could sign in with a provider, or more people than intended. No error repeats a secret.</summary>
internal sealed partial class ProviderValidator : IValidateOptions<SignInOptions>
{
    private const string Section = $"{SignInOptions.Section}:{nameof(SignInOptions.Providers)}";

    public ValidateOptionsResult Validate(string? name, SignInOptions options)
    {
        var faults = options.Providers.SelectMany(provider => FaultsOf(provider.Key, provider.Value)).ToList();
        if (!options.Password && options.Providers.Count == 0)
            faults.Add($"{SignInOptions.Section}:{nameof(SignInOptions.Password)} is false, so nobody could sign in. Configure a provider in {Section}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(string name, ProviderOptions provider)
    {
        var key = $"{Section}:{name}";
        if (!Name().IsMatch(name))
            yield return $"{key}: the name of a provider consists of 1 to {SignInProviders.LongestName} lower-case letters, digits and hyphens.";
        if (!IsAuthority(provider.Authority))
            yield return $"{key}:Authority must be the issuer of the provider: an https address without query. http is allowed for this machine only.";
        if (provider.ClientId.Length == 0)
            yield return $"{key}:ClientId is missing. The provider shows it where Portal is registered.";
        if (FaultOfSecret(provider) is { } faultOfSecret)
            yield return $"{key}:{faultOfSecret}";
        if (provider.DisplayName.Length > SignInProviders.LongestDisplayName || provider.DisplayName.Any(char.IsControl))
            yield return $"{key}:DisplayName must have at most {SignInProviders.LongestDisplayName} characters.";
        foreach (var (setting, value) in new[] { ("EmailClaim", provider.EmailClaim), ("RoleClaim", provider.RoleClaim) })
            if (string.IsNullOrWhiteSpace(value))
                yield return $"{key}:{setting} must be the name of a claim.";
        if (provider.Scopes.Exists(scope => !Scope().IsMatch(scope)))
            yield return $"{key}:Scopes must be a list of scopes without spaces.";
        if (provider.ProofPrompt is not ("login" or "select_account" or "consent"))
            yield return $"{key}:ProofPrompt must be login, select_account or consent.";
        if (provider.AllowedDomains.Exists(domain => !Domain().IsMatch(domain)))
            yield return $"{key}:AllowedDomains must be a list of domains such as example.com.";
        if (provider.AllowedGroups.Concat(provider.Roles.Administrator).Concat(provider.Roles.Operator).Concat(provider.Roles.Viewer).Concat(provider.MultiFactorAcr).Any(string.IsNullOrWhiteSpace))
            yield return $"{key}: an entry of AllowedGroups, Roles or MultiFactorAcr is empty. Remove it, or enter a value.";
        if (!Enum.IsDefined(provider.NewUsers))
            yield return $"{key}:NewUsers must be Invited or Create.";
        if (provider.DefaultRole is { } role && !Enum.IsDefined(role))
            yield return $"{key}:DefaultRole must be Viewer, Operator or Administrator, or be left out.";
        if (provider is { NewUsers: NewUserPolicy.Create, DefaultRole: null, Roles.IsEmpty: true })
            yield return $"{key}:NewUsers is Create, but new users would have no role. Set DefaultRole, or name groups in Roles.";
        if (provider.NewUsers == NewUserPolicy.Create && provider.AllowedDomains.Count == 0 && provider.AllowedGroups.Count == 0 && provider.DefaultRole is not null && IsPublic(provider.Authority))
            yield return $"{key}:NewUsers is Create, so everyone with an account at {provider.Authority} could sign in. Name your domains in AllowedDomains, or your groups in AllowedGroups.";
    }

    /// <summary>Whether everyone can get an account there.</summary>
    private static bool IsPublic(string authority) => authority.TrimEnd('/') is "https://accounts.google.com" or "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

    private static bool IsAuthority(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { UserInfo: "", Query: "", Fragment: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private static string? FaultOfSecret(ProviderOptions provider)
    {
        if (provider.ClientSecret.Length > 0 && provider.ClientSecretFile.Length > 0)
            return "ClientSecret and ClientSecretFile are both set. Remove one of them.";
        if (provider.ClientSecretFile.Length == 0)
            return provider.ClientSecret.Length > 0 ? null : "ClientSecret is missing. Set it in an environment variable, or set ClientSecretFile to the path of a file that contains it.";
        try
        {
            return SignInProviders.SecretOf(provider).Length > 0 ? null : "ClientSecretFile is empty.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"ClientSecretFile can't be read ({exception.GetType().Name}). Check the path and its permissions.";
        }
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[\x21\x23-\x5B\x5D-\x7E]+\z")]
    private static partial Regex Scope();

    [GeneratedRegex(@"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\z")]
    private static partial Regex Domain();
}
