using Microsoft.Extensions.Configuration;
using Portal.Accounts;
using Portal.Accounts.SingleSignOn;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>A configuration with which nobody could sign in, or too many people, stops the start with one line for each fault.</summary>
public sealed class ProviderValidatorTests
{
    private const string Provider = "SignIn:Providers:test:";

    [Theory]
    [InlineData("Authority", "", "Authority must be the issuer")]
    [InlineData("Authority", "login.example.com", "Authority must be the issuer")]
    [InlineData("Authority", "http://login.example.com", "Authority must be the issuer")]
    [InlineData("Authority", "https://login.example.com/?x=1", "Authority must be the issuer")]
    [InlineData("Authority", "https://user:word@login.example.com/", "Authority must be the issuer")]
    [InlineData("ClientId", "", "ClientId is missing")]
    [InlineData("ClientSecret", "", "ClientSecret is missing")]
    [InlineData("ClientSecretFile", "/none", "ClientSecret and ClientSecretFile are both set")]
    [InlineData("DisplayName", "a\u0007b", "DisplayName must have at most 64 characters")]
    [InlineData("EmailClaim", " ", "EmailClaim must be the name of a claim")]
    [InlineData("RoleClaim", "", "RoleClaim must be the name of a claim")]
    [InlineData("Scopes:0", "openid email", "Scopes must be a list of scopes")]
    [InlineData("AllowedDomains:0", "@example.com", "AllowedDomains must be a list of domains")]
    [InlineData("AllowedDomains:0", "*", "AllowedDomains must be a list of domains")]
    [InlineData("Roles:Viewer:0", " ", "an entry of AllowedGroups, Roles or MultiFactorAcr is empty")]
    [InlineData("NewUsers", "Create", "NewUsers is Create, but new users would have no role")]
    [InlineData("NewUsers", "7", "NewUsers must be Invited or Create")]
    [InlineData("ProofPrompt", "none", "ProofPrompt must be login, select_account or consent")]
    [InlineData("DefaultRole", "7", "DefaultRole must be Viewer, Operator or Administrator")]
    public void Validate_Fault_IsNamed(string setting, string value, string expected)
    {
        var fault = Assert.Single(Validate((Provider + setting, value)));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.StartsWith("SignIn:Providers:test:", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("the secret", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://login.example.com/")]
    [InlineData("https://login.example.com/realms/one")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080/realms/one")]
    public void Validate_RightSettings_AreAccepted(string authority) => Assert.Empty(Validate((Provider + "Authority", authority)));

    [Theory]
    [InlineData("Test")]
    [InlineData("a/b")]
    [InlineData("a_b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456")]
    public void Validate_Name_HasLowerCaseLettersDigitsAndHyphens(string name) => Assert.Contains(
        new ProviderValidator().Validate(null, new SignInOptions { Providers = { [name] = new ProviderOptions { Authority = "https://login.example.com", ClientId = "x", ClientSecret = "x" } } }).Failures!,
        fault => fault.Contains("the name of a provider consists of 1 to 32", StringComparison.Ordinal));

    [Fact]
    public void Validate_EveryoneAtAPublicProvider_IsRefused()
    {
        (string, string)[] everyone = [(Provider + "Authority", "https://accounts.google.com"), (Provider + "NewUsers", "Create"), (Provider + "DefaultRole", "Viewer")];
        Assert.Contains("everyone with an account", Assert.Single(Validate(everyone)), StringComparison.Ordinal);
        Assert.Empty(Validate([.. everyone, (Provider + "AllowedDomains:0", "example.com")]));
    }

    [Fact]
    public void Validate_PasswordsOffWithoutAProvider_IsRefused()
    {
        Assert.Empty(Validate(("SignIn:Password", "false")));
        Assert.Contains("nobody could sign in", Assert.Single(new ProviderValidator().Validate(null, new SignInOptions { Password = false }).Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_InAFile_IsReadWithoutTheLineBreak()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        try
        {
            var file = Path.Combine(directory, "secret");
            await File.WriteAllTextAsync(file, " the secret\n", TestContext.Current.CancellationToken);
            Assert.Empty(Validate((Provider + "ClientSecret", ""), (Provider + "ClientSecretFile", file)));
            Assert.Equal("the secret", SignInProviders.SecretOf(new ProviderOptions { ClientSecretFile = file }));
            Assert.Contains("can't be read", Assert.Single(Validate((Provider + "ClientSecret", ""), (Provider + "ClientSecretFile", directory))), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, "\n", TestContext.Current.CancellationToken);
            Assert.Contains("is empty", Assert.Single(Validate((Provider + "ClientSecret", ""), (Provider + "ClientSecretFile", file))), StringComparison.Ordinal);
        }
        finally
        {
            await TemporaryDirectory.DeleteAsync(directory);
        }
    }

    /// <summary>Binds the settings of a provider that is right, and the given ones.</summary>
    private static List<string> Validate(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            [Provider + "Authority"] = "https://login.example.com", [Provider + "ClientId"] = "portal", [Provider + "ClientSecret"] = "the secret",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
        var options = new SignInOptions();
        configuration.GetSection(SignInOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return [.. new ProviderValidator().Validate(null, options).Failures ?? []];
    }
}
