using Microsoft.Extensions.Configuration;
using Portal.Mail;

namespace Portal.Tests.Mail;

/// <summary>Settings with which mails would not arrive, or would reveal their links.</summary>
public sealed class MailOptionsValidatorTests
{
    private static readonly Dictionary<string, string?> Valid = new()
    {
        ["Mail:Host"] = "smtp.example.com", ["Mail:From"] = "Portal <portal@example.com>", ["Mail:PortalUrl"] = "https://portal.example.com/",
    };

    [Fact]
    public void Validate_ValidOrOff_Succeeds()
    {
        Assert.Null(Fault());
        Assert.True(new MailOptionsValidator().Validate(null, new MailOptions { From = "nonsense" }).Succeeded);
        Assert.Null(Fault(("Mail:Host", "127.0.0.1"), ("Mail:Security", "None"), ("Mail:PortalUrl", "http://localhost:5080")));
        Assert.Null(Fault(("Mail:User", "portal"), ("Mail:Password", "secret")));
    }

    [Theory]
    [InlineData("Mail:Host", "smtp://example.com")]
    [InlineData("Mail:Port", "0")]
    [InlineData("Mail:Port", "70000")]
    [InlineData("Mail:Security", "None")]
    [InlineData("Mail:From", null)]
    [InlineData("Mail:From", "Portal")]
    [InlineData("Mail:From", "a@example.com, b@example.com")]
    [InlineData("Mail:PortalUrl", null)]
    [InlineData("Mail:PortalUrl", "portal.example.com")]
    [InlineData("Mail:PortalUrl", "http://portal.example.com")]
    [InlineData("Mail:PortalUrl", "https://portal.example.com/?a=b")]
    [InlineData("Mail:PortalUrl", "https://user@portal.example.com/")]
    [InlineData("Mail:User", "portal")]
    [InlineData("Mail:Password", "secret")]
    public void Validate_Fault_NamesTheSetting(string name, string? value) => Assert.Contains(name, Fault((name, value)), StringComparison.Ordinal);

    [Fact]
    public void Validate_PasswordTwiceOrFileMissing_NamesTheSetting()
    {
        Assert.Contains("not both", Fault(("Mail:User", "portal"), ("Mail:Password", "secret"), ("Mail:PasswordFile", "/nowhere")), StringComparison.Ordinal);
        Assert.Contains("doesn't exist", Fault(("Mail:User", "portal"), ("Mail:PasswordFile", "/nowhere/password")), StringComparison.Ordinal);
    }

    private static string? Fault(params (string Name, string? Value)[] changed)
    {
        var settings = new Dictionary<string, string?>(Valid);
        foreach (var (name, value) in changed)
            settings[name] = value;
        var options = new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(MailOptions.Section).Get<MailOptions>()!;
        return new MailOptionsValidator().Validate(null, options).FailureMessage;
    }
}
