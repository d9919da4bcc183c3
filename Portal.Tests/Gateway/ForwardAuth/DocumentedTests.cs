namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>Requirements for all four documented configurations. Those of nginx and Caddy are run as well.</summary>
public sealed class DocumentedTests
{
    [Theory]
    [InlineData("nginx", "nginx", "proxy_set_header Authorization \"\";")]
    [InlineData("Traefik", "yaml", "Authorization: \"\"")]
    [InlineData("Caddy", "caddyfile", "header_up -Authorization")]
    [InlineData("Envoy", "yaml", "request_headers_to_remove: [ authorization ]")]
    public void Configuration_OfEachProxy_AsksAtItsAddressPassesTheCallerAndTakesTheKeyAway(string heading, string language, string withoutKey)
    {
        var configuration = Documented.Blocks(heading, language)[0];
        Assert.Contains($"/forward-auth/{heading.ToLowerInvariant()}", configuration, StringComparison.Ordinal);
        foreach (var header in new[] { "X-Token-Handle", "X-Token-Name", "X-Account-Id" })
            Assert.Contains(header, configuration, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(withoutKey, configuration, StringComparison.Ordinal);
    }
}
