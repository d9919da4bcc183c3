using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A Portal that this machine may ask, and that trusts one network of proxies to send the client's address.</summary>
public sealed class AskedPortal : IAsyncLifetime
{
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["Gateway:ForwardAuth:Askers:0"] = "127.0.0.1", ["Portal:TrustedProxies:0"] = "198.51.100.0/24",
    };

    public PortalHost Host { get; } = new("Development", Settings);

    public ValueTask InitializeAsync() => Host.InitializeAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage question) => Host.Client.SendAsync(question, TestContext.Current.CancellationToken);

    internal Task<HttpResponseMessage> AskAsync(string proxy, ApiKey? key, string uri, string method = "GET", string address = Question.Client) =>
        SendAsync(Question.From(proxy, key, uri, method, address));

    /// <summary>Creates a token that may only be used from these addresses.</summary>
    internal async Task<ApiKey> CreateTokenForAsync(params string[] addresses)
    {
        var key = await Host.CreateTokenAsync();
        foreach (var address in addresses)
            Assert.IsType<IpRuleOutcome.Done>(
                await Host.Services.GetRequiredService<IpRuleService>().AddAsync(Host.Administrator, new NewIpRule(null, address, key.Handle)));
        return key;
    }

    /// <summary>The counts for the key, such as <c>MD-0002 200 - 1</c>.</summary>
    internal async Task<string[]> CountsAsync(ApiKey key) =>
        [.. (await Host.CountsAsync(key.Handle)).Select(count => count[(count.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
}
