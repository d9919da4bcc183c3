using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Portal.Gateway.ForwardAuth;
using Portal.Hosting;

namespace Portal.Tests.Addresses;

/// <summary>Settings that would trust everyone stop the start, in every notation.</summary>
public sealed class WideAddressesTests
{
    [Theory]
    [InlineData(true, "0.0.0.0/0")]
    [InlineData(true, "::/0")]
    [InlineData(true, "::ffff:0.0.0.0/96")]
    [InlineData(true, "0.0.0.0/1", "128.0.0.0/1")]
    [InlineData(true, "2000::/3")]
    [InlineData(true, "64.0.0.0/2")]
    [InlineData(true, "10.0.0.7", "1.0.0.0/7")]
    [InlineData(true, "::/1", "8000::/1")]
    [InlineData(false, "10.0.0.7", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1", "fc00::/7", "fe80::/10", "2001:db8::/32")]
    [InlineData(false, "173.245.48.0/20", "104.16.0.0/13", "172.64.0.0/13", "2606:4700::/32", "2a06:98c0::/29")]
    public void Trusted_AddressesOfClients_StopTheStart(bool stops, params string[] texts)
    {
        var proxies = new TrustedProxies();
        proxies.Addresses.AddRange(texts);
        Assert.Equal(stops, new TrustedProxiesValidator(new ConfigurationBuilder().Build()).Validate(null, proxies).Failed);
        Assert.Equal(stops, new ForwardAuthValidator().Validate(null, new ForwardAuthOptions { Askers = [.. texts] }).Failed);
    }

    [Fact]
    public void Trusted_ManyNetworksThatTogetherAreHalfOfTheInternet_StopTheStart()
    {
        var proxies = new TrustedProxies();
        proxies.Addresses.AddRange(Enumerable.Range(0, 127).Select(first => $"{first}.0.0.0/8"));
        Assert.True(Validate().Succeeded);
        proxies.Addresses.Add("5.0.0.0/8");
        Assert.True(Validate().Succeeded, "one that is named twice counts once");
        proxies.Addresses.Add("200.0.0.0/8");
        Assert.Contains("covers half of all addresses", Validate().FailureMessage, StringComparison.Ordinal);

        ValidateOptionsResult Validate() => new TrustedProxiesValidator(new ConfigurationBuilder().Build()).Validate(null, proxies);
    }

    [Theory]
    [InlineData(true, "*")]
    [InlineData(true, "portal.example.com", "*.example.com", "10.0.0.7", "[::1]", "localhost")]
    [InlineData(false, "https://portal.example.com")]
    [InlineData(false, "portal.example.com:443")]
    [InlineData(false, "portal.example.com/")]
    [InlineData(false, "portal.example.com other.example.com")]
    public void AllowedHosts_NamesThatNoRequestCanHave_StopTheStart(bool starts, params string[] hosts) =>
        Assert.Equal(starts, new HostNamesValidator(new ConfigurationBuilder().AddInMemoryCollection([new("AllowedHosts", string.Join(';', hosts))]).Build())
            .Validate(null, new HostFilteringOptions()).Succeeded);
}
