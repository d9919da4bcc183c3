using System.Collections.Concurrent;
using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>An upstream that processes a request and loses the connection before it responds.</summary>
public sealed class RetryPreventionTests
{
    [Fact]
    public async Task ConnectionLostAfterTheWork_RequestThatIsNotIdempotent_IsSentOnce()
    {
        var carriedOut = new ConcurrentQueue<string>();
        await using var upstream = RawUpstream.Answers((head, before) =>
        {
            if (head.Contains("/warm", StringComparison.Ordinal))
                return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            carriedOut.Enqueue(head.Split('\r')[0]);
            return before == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate" : null;
        });
        await using var run = await GatewayRun.StartAsync(
            upstream.Address, (GatewayRun.Billing + "Destinations:0", upstream.Address), (GatewayRun.Billing + "LoadBalancing", "RoundRobin"));

        string[] methods = ["POST", "PATCH", "LOCK", "MERGE"];
        (string Name, string Headers, string Body)[] bodies =
        [
            ("no length", "", ""), ("length 0", "Content-Length: 0\r\n", ""), ("type without a body", "Content-Type: text/plain\r\n", ""),
            ("body", "Content-Length: 4\r\n", "body"), ("chunks", "Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            ("expectation", "Expect: 100-continue\r\nContent-Length: 4\r\n", "body"),
        ];
        var wrong = new List<string>();
        foreach (var module in new[] { "agreements", "billing" })
            foreach (var method in methods)
                foreach (var (name, headers, body) in bodies)
                {
                    (await run.GetAsync($"/{module}/warm")).EnsureSuccessStatusCode().Dispose();
                    carriedOut.Clear();
                    var answer = await RawHttp.ExchangeAsync(run.Portal.Address, Request(run, method, $"/public/v1/{module}/order", headers) + body);
                    if (carriedOut.Count != 1 || !answer.StartsWith("HTTP/1.1 502", StringComparison.Ordinal) || !answer.Contains("did not send it again", StringComparison.Ordinal))
                        wrong.Add($"{module} {method} {name}: sent {carriedOut.Count} times; {answer}");
                }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task ConnectionClosedWhileItWasKept_IdempotentRequest_IsSentAgain()
    {
        await using var upstream = RawUpstream.Answers((head, before) =>
            head.Contains("/warm", StringComparison.Ordinal) || before == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : null);
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
        {
            (await run.GetAsync("/agreements/warm")).EnsureSuccessStatusCode().Dispose();
            using var request = new HttpRequestMessage(method, "/public/v1/agreements/1");
            using var response = await run.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static string Request(GatewayRun run, string method, string target, string headers) =>
        $"{method} {target} HTTP/1.1\r\nHost: {run.Portal.Address.Authority}\r\nConnection: close\r\nAuthorization: {run.Key.ToHeaderValue()}\r\n{headers}\r\n";
}
