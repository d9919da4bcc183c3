using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.IpRules;

/// <summary>The middleware and the actual address of a connection. No proxy is trusted here.</summary>
public sealed class ApiKeyMiddlewareAddressTests(PortalHost portal) : IClassFixture<PortalHost>, IAsyncDisposable
{
    private const string Agreements = "/public/v1/agreements";

    private IpRuleService Rules => portal.Services.GetRequiredService<IpRuleService>();

    public async ValueTask DisposeAsync()
    {
        // Those of tokens first: a token must not be left without an address.
        foreach (var rule in (await Rules.ListAsync(portal.Administrator)).Reverse())
            await Rules.RemoveAsync(portal.Administrator, rule.Id);
    }

    [Fact]
    public async Task Address_NoRule_IsServed() => Assert.Equal(200, await StatusAsync(await portal.CreateTokenAsync()));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("127.0.0.0-127.0.0.2")]
    public async Task Address_InARule_IsServed(string addresses)
    {
        var key = await portal.CreateTokenAsync();
        await AddAsync("192.0.2.0/24");
        await AddAsync(addresses);
        Assert.Equal(200, await StatusAsync(key));
    }

    [Theory]
    [InlineData("192.0.2.0/24")]
    [InlineData("127.0.0.2")]
    [InlineData("::/0")]
    public async Task Address_InNoRule_IsForbiddenAndNamed(string addresses)
    {
        var key = await portal.CreateTokenAsync();
        await AddAsync(addresses);
        using var response = await portal.SendAsync(key, Agreements);
        Assert.Equal(
            $"The token {key.Handle} may not be used from the address 127.0.0.1. Ask its administrator to add the address to the IP rules.",
            await ErrorBody.AssertAsync(response, HttpStatusCode.Forbidden, "AUTH_003"));
    }

    [Fact]
    public async Task Address_AnotherOfTheMachine_IsJudgedByItself()
    {
        var key = await portal.CreateTokenAsync();
        await AddAsync("127.0.0.2");
        using var client = ClientFrom(IPAddress.Parse("127.0.0.2"));
        using var request = new HttpRequestMessage(HttpMethod.Get, Agreements);
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(403, await StatusAsync(key));
    }

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.7")]
    [InlineData("X-Forwarded-For: 192.0.2.7, 127.0.0.1")]
    [InlineData("X-Real-IP: 192.0.2.7")]
    [InlineData("X-Original-For: 192.0.2.7")]
    [InlineData("Forwarded: for=192.0.2.7")]
    [InlineData("X-Client-IP: 192.0.2.7")]
    public async Task Header_ForgedByTheClient_ChangesNothing(string header)
    {
        var key = await portal.CreateTokenAsync();
        await AddAsync("192.0.2.7");
        var (status, body) = await RawHttp.SendAsync(portal.Address, Agreements, $"Authorization: {key.ToHeaderValue()}", header);
        Assert.Equal(403, status);
        Assert.Contains("the address 127.0.0.1.", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenRule_HoldsForThatTokenBesideThoseOfTheAccount()
    {
        var (limited, free) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        await AddAsync("192.0.2.7", limited);
        Assert.Equal((403, 200), (await StatusAsync(limited), await StatusAsync(free)));
        await AddAsync("127.0.0.1", limited);
        Assert.Equal((200, 200), (await StatusAsync(limited), await StatusAsync(free)));
        await AddAsync("192.0.2.0/24");
        Assert.Equal((403, 403), (await StatusAsync(limited), await StatusAsync(free)));
    }

    [Fact]
    public async Task Checks_SeveralWouldRefuse_TheEarlierOneSpeaks()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        await AddAsync("192.0.2.7");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/billing", 403, "AUTH_003");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/nowhere", 403, "AUTH_003");
        await AssertAsync(key.ToHeaderValue(), "/public/v1/auth/context", 403, "AUTH_003");
        // Without a valid key, the response reveals nothing about the rules.
        await AssertAsync($"ApiKey {key.Handle}:{new string('0', 40)}", Agreements, 401, "AUTH_001");
        await portal.DisableAsync(key);
        await AssertAsync(key.ToHeaderValue(), Agreements, 401, "AUTH_002");
    }

    [Fact]
    public async Task Refused_IsCountedWithItsReasonAndNotSeen()
    {
        var key = await portal.CreateTokenAsync();
        await AddAsync("192.0.2.7");
        await StatusAsync(key);
        await StatusAsync(key);
        Assert.EndsWith("MD-0002 403 AUTH_003 2", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
        await DisposeAsync();
        Assert.True((await PreviewAsync("192.0.2.7", key))!.IsHarmless);
        await StatusAsync(key);
        await portal.CountsAsync(key.Handle);
        Assert.Equal("127.0.0.1", Assert.Single((await PreviewAsync("192.0.2.7", key))!.Refused).Address);
    }

    [Fact]
    public async Task Change_WhileOthersCall_HoldsForTheVeryNextRequest()
    {
        var key = await portal.CreateTokenAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await StatusAsync(key);
        })).ToArray();
        for (var round = 0; round < 50; round++)
        {
            var rule = await AddAsync("192.0.2.7");
            Assert.Equal(403, await StatusAsync(key));
            await Rules.RemoveAsync(portal.Administrator, rule, TestContext.Current.CancellationToken);
            Assert.Equal(200, await StatusAsync(key));
        }

        await stop.CancelAsync();
        await Task.WhenAll(others);
    }

    private async Task<long> AddAsync(string addresses, ApiKey? key = null) =>
        Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(portal.Administrator, new NewIpRule(null, addresses, key?.Handle))).Id;

    private Task<IpRulePreview?> PreviewAsync(string addresses, ApiKey key) =>
        portal.Services.GetRequiredService<IpRulePreviewer>().AddAsync(portal.Administrator, new NewIpRule(null, addresses, key.Handle), null);

    private async Task<int> StatusAsync(ApiKey key)
    {
        using var response = await portal.SendAsync(key, Agreements);
        return (int)response.StatusCode;
    }

    private async Task AssertAsync(string header, string path, int status, string code)
    {
        using var response = await portal.SendAsync(header, path);
        await ErrorBody.AssertAsync(response, (HttpStatusCode)status, code);
    }

    /// <summary>Every address of 127.0.0.0/8 belongs to this machine.</summary>
    private HttpClient ClientFrom(IPAddress address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(address.MapToIPv6(), 0));
            await socket.ConnectAsync(IPAddress.Loopback.MapToIPv6(), context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = portal.Address,
    };
}
