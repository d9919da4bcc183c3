namespace Portal.Tests.Gateway;

/// <summary>Portal's own cookies never reach an upstream; the client's others do.</summary>
public sealed class UpstreamCookiesTests : IAsyncLifetime
{
    private TestUpstream _upstream = null!;
    private GatewayRun _run = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await TestUpstream.StartAsync();
        _run = await GatewayRun.StartAsync(_upstream.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("portal=secret", null)]
    [InlineData("portal=chunks-2; portalC1=secret; portalC2=secret", null)]
    [InlineData("portal-theme=dark; a=1; portal=secret; portal-language=de; b=2", "a=1; b=2")]
    [InlineData("theme=dark; language=fr", "theme=dark; language=fr")]
    [InlineData("a=portal; PORTAL=secret", "a=portal")]
    [InlineData(" portal = secret ;a=1", "a=1")]
    [InlineData("portals=1; theme2=3; portalCx=4", "portals=1; theme2=3; portalCx=4")]
    [InlineData("__Host-portal=secret; __Host-portalC1=secret; __Host-portal-theme=dark; portal-device=secret; __Host-portal-device=secret; a=1", "a=1")]
    [InlineData("Identity.External=secret; x=\"q\"", "x=\"q\"")]
    [InlineData("a=1;b=2", "a=1;b=2")]
    public async Task Cookies_OfPortalsPages_StayHere(string sent, string? passedOn)
    {
        await _run.SendRawAsync("/public/v1/agreements", $"Cookie: {sent}");
        Assert.Equal(passedOn, Assert.Single(_upstream.Seen).Headers.GetValueOrDefault("Cookie"));
    }

    [Fact]
    public async Task Cookie_OfPortalsForms_StaysHere()
    {
        using var page = await _run.Portal.Client.GetAsync("/login", TestContext.Current.CancellationToken);
        var cookie = Assert.Single(page.Headers.GetValues("Set-Cookie"), value => value.Contains("Antiforgery", StringComparison.Ordinal)).Split(';')[0];
        await _run.SendRawAsync("/public/v1/agreements", $"Cookie: {cookie}; .AspNetCore.Antiforgery.OfTheUpstream=1");
        Assert.Equal(".AspNetCore.Antiforgery.OfTheUpstream=1", Assert.Single(_upstream.Seen).Headers["Cookie"]);
    }
}
