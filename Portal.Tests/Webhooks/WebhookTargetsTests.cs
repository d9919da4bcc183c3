using System.Net;
using Microsoft.Extensions.Options;
using Portal.Webhooks;

namespace Portal.Tests.Webhooks;

public sealed class WebhookTargetsTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("ff02::1")]
    public void Allows_PrivateOrReservedAddress_Never(string address) => Assert.False(Targets().Allows(IPAddress.Parse(address), isEncrypted: true));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2606:4700::1111")]
    public void Allows_PublicAddress_OnlyEncrypted(string address)
    {
        Assert.True(Targets().Allows(IPAddress.Parse(address), isEncrypted: true));
        Assert.False(Targets().Allows(IPAddress.Parse(address), isEncrypted: false));
    }

    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.7", true)]
    [InlineData("10.0.0.0/24", "::ffff:10.0.0.7", true)]
    [InlineData("10.0.0.0/24", "10.0.1.7", false)]
    [InlineData("fd00:1::/64", "fd00:1::7", true)]
    public void Allows_ConfiguredNetwork_AlsoInPlainText(string network, string address, bool expected)
    {
        Assert.Equal(expected, Targets(network).Allows(IPAddress.Parse(address), isEncrypted: true));
        Assert.Equal(expected, Targets(network).Allows(IPAddress.Parse(address), isEncrypted: false));
    }

    [Theory]
    [InlineData("https://example.com/hooks?key=1", null)]
    [InlineData("  https://example.com  ", null)]
    [InlineData("", "Enter the address")]
    [InlineData("example.com", "complete address")]
    [InlineData("ftp://example.com", "complete address")]
    [InlineData("https://", "complete address")]
    [InlineData("https://exam ple.com", "complete address")]
    [InlineData("https://user:pass@example.com", "user name or password")]
    [InlineData("https://example.com/#part", "after #")]
    [InlineData("http://example.com", "begins with https")]
    [InlineData("https://10.0.0.7/", "private or reserved")]
    [InlineData("https://2130706433/", "127.0.0.1")]
    [InlineData("https://0x7f.1/", "127.0.0.1")]
    [InlineData("https://[::1]:8443/", "::1")]
    [InlineData("https://[::ffff:169.254.169.254]/", "169.254.169.254")]
    [InlineData("https://localhost/", "127.0.0.1")]
    [InlineData("https://db.localhost/", "127.0.0.1")]
    public void Check_Address_IsAcceptedOrExplained(string text, string? fault)
    {
        var message = WebhookUrl.Check(text, Targets(), out _);
        if (fault is null)
            Assert.Null(message);
        else
            Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://10.0.0.7/", null)]
    [InlineData("http://printer.internal/", null)]
    [InlineData("http://8.8.8.8/", "begins with https")]
    [InlineData("http://10.1.0.7/", "private or reserved")]
    public void Check_WithAnAllowedNetwork_AllowsPlainTextThere(string text, string? fault)
    {
        var message = WebhookUrl.Check(text, Targets("10.0.0.0/24"), out _);
        if (fault is null)
            Assert.Null(message);
        else
            Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_NoNetwork_NamesTheKey() => Assert.Contains(
        "Webhooks:AllowedNetworks:1 \"intranet\"", new WebhookOptionsValidator().Validate(null, new WebhookOptions { AllowedNetworks = ["10.0.0.0/8", "intranet"] }).FailureMessage, StringComparison.Ordinal);

    private static WebhookTargets Targets(params string[] allowed) => new(Options.Create(new WebhookOptions { AllowedNetworks = [.. allowed] }));
}
