using Portal.Accounts;

namespace Portal.Tests.Accounts;

public sealed class LocalPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/tokens")]
    [InlineData("/tokens/SU-160-984-311?tab=statistics")]
    public void OrDefault_PathOfThisSite_IsKept(string address) => Assert.Equal(address, LocalPath.OrDefault(address, "/start"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tokens")]
    [InlineData("https://example.com")]
    [InlineData("//example.com")]
    [InlineData("/\\example.com")]
    [InlineData("\\\\example.com")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/example.com")]
    [InlineData("/tokens\r\nSet-Cookie: x")]
    public void OrDefault_AnythingElse_IsTheDefault(string? address) => Assert.Equal("/start", LocalPath.OrDefault(address, "/start"));

    [Theory]
    [InlineData("/portal/tokens?q=a", "/portal", "/portal/tokens?q=a")]
    [InlineData("/tokens?q=a", "/portal", "/portal/tokens?q=a")]
    [InlineData("/portal", "/portal", "/portal/start")]
    [InlineData("/portals", "/portal", "/portal/portals")]
    [InlineData("/portal//example.com", "/portal", "/portal/start")]
    [InlineData("//example.com", "/portal", "/portal/start")]
    [InlineData("/portal/logout", "/portal", "/portal/start")]
    [InlineData("/tokens", "", "/tokens")]
    [InlineData("//example.com", "", "/start")]
    [InlineData(null, "", "/start")]
    public void OrDefault_BelowAPath_StaysBelowIt(string? address, string pathBase, string expected) =>
        Assert.Equal(expected, LocalPath.OrDefault(address, "/start", pathBase));
}
