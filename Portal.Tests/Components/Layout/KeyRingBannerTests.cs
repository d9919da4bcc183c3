using System.Security.Claims;
using Bunit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Layout;
using Portal.Data.KeyRing;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Layout;

/// <summary>The notice that nothing encrypts the key ring.</summary>
public sealed class KeyRingBannerTests : BunitContext
{
    private readonly LogRecorder _log = new();

    [Theory]
    [InlineData("Production", "", Role.Administrator, true)]
    [InlineData("Production", "", Role.Operator, false)]
    [InlineData("Production", "a long enough passphrase", Role.Administrator, false)]
    [InlineData("Development", "", Role.Administrator, false)]
    public void Banner_NothingEncryptsTheKeyRing_IsForAdministrators(string environment, string passphrase, Role role, bool isShown)
    {
        SignIn(role);
        Services.AddSingleton(Raise(environment, passphrase));

        var banner = Render<KeyRingBanner>();

        Assert.Equal(isShown, banner.Markup.Contains("Portal:KeyRing:PassphraseFile", StringComparison.Ordinal));
        Assert.Equal(environment == "Production" && passphrase.Length == 0, _log.Text.Contains("The key ring is not encrypted", StringComparison.Ordinal));
    }

    [Fact]
    public void Dismiss_InOneSession_ClosesItThereOnly()
    {
        SignIn(Role.Administrator);
        var notice = Raise("Production", "");
        Services.AddSingleton(notice);
        var banner = Render<KeyRingBanner>();

        banner.Find("button").Click();

        Assert.Empty(banner.Markup.Trim());
        Assert.Empty(Render<KeyRingBanner>().Markup.Trim());
        Assert.True(notice.IsShown("another session"));
    }

    private void SignIn(Role role)
    {
        var authorization = AddAuthorization();
        authorization.SetAuthorized("ada");
        authorization.SetRoles(role.ToString());
        authorization.SetClaims(
            new Claim(ClaimTypes.NameIdentifier, "ada"), new Claim(PortalClaims.AccountId, TestPortal.Account), new Claim(PortalClaims.DisplayName, "Ada"),
            new Claim(PortalClaims.SecurityStamp, "stamp"), new Claim(PortalClaims.SessionId, "session"));
    }

    private KeyRingNotice Raise(string environment, string passphrase)
    {
        var secrets = KeyRingSecrets.Load(new ConfigurationBuilder().AddInMemoryCollection([new("Portal:KeyRing:Passphrase", passphrase)]).Build());
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(_log));
        var notice = new KeyRingNotice(secrets, new HostingEnvironment { EnvironmentName = environment }, logs.CreateLogger<KeyRingNotice>());
        notice.Raise();
        return notice;
    }
}
