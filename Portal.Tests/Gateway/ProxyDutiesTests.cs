using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>The duties of a proxy (RFC 9110 and 9112), with an upstream and a client that write and read bytes: the client gets the upstream's
/// response, or an error that says why not.</summary>
public sealed class ProxyDutiesTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n", Fine = "Content-Length: 4\r\n\r\nfine";
    private const string Unintelligible = "sent an invalid response", BrokeOff = "closed the connection before its response";

    /// <param name="Upstream">Everything that the upstream sends.</param>
    /// <param name="Status">The status line that the client gets, or its beginning.</param>
    private sealed record Answer(string Name, string Upstream, string Status, string[]? Has = null, string[]? Lacks = null, string Method = "GET")
    {
        /// <summary>The whole body as the client reads it; null if it isn't checked.</summary>
        public string? Body { get; init; }

        /// <summary>Whether the client must be able to detect that the response is incomplete.</summary>
        public bool IsCutOff { get; init; }
    }

    private static readonly Answer[] Answers =
    [
        new("fields pass", Ok + "X-One: 1\r\nX-One: 2\r\nx-two:  a b \r\nVary: Accept\r\nVary: Origin\r\n" + Fine, "HTTP/1.1 200 OK", ["X-One: 1", "X-One: 2", "x-two: a b\r\n", "Vary: Accept", "Vary: Origin"]) { Body = "fine" },
        new("cookies pass each on its own", Ok + "Set-Cookie: a=1, x\r\nSet-Cookie: b=2\r\n" + Fine, "HTTP/1.1 200 OK", ["Set-Cookie: a=1, x\r\n", "Set-Cookie: b=2\r\n"]),
        new("cookies and data of Portal's pages stay", Ok + "Set-Cookie: __Host-portal=evil; Path=/; Secure\r\nSet-Cookie: portal-device=x\r\nSet-Cookie: mine=1\r\nClear-Site-Data: \"*\"\r\nService-Worker-Allowed: /\r\n" + Fine, "HTTP/1.1 200 OK", ["Set-Cookie: mine=1\r\n"], ["__Host-portal", "portal-device", "Clear-Site-Data", "Service-Worker-Allowed"]),
        new("challenges pass", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a, b\"\r\nWWW-Authenticate: Bearer\r\n" + Fine, "HTTP/1.1 401 Unauthorized", ["WWW-Authenticate: Basic realm=\"a, b\"", "WWW-Authenticate: Bearer"], ["ApiKey"]) { Body = "fine" },
        new("date and server pass", Ok + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: mine/1\r\n" + Fine, "HTTP/1.1 200 OK", ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Server: mine/1"]),
        new("a date is added, no server", Ok + Fine, "HTTP/1.1 200 OK", ["Date: "], ["Server:", "Content-Type:"]),
        new("another phrase", "HTTP/1.1 200 Splendid\r\n" + Fine, "HTTP/1.1 200 Splendid\r\n"),
        new("no phrase", "HTTP/1.1 200 \r\n" + Fine, "HTTP/1.1 200"),
        new("old version", "HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nuntil the end", "HTTP/1.1 200 OK", ["X-A: b"]) { Body = "until the end" },
        new("unknown status", "HTTP/1.1 299 Odd\r\n" + Fine, "HTTP/1.1 299 Odd") { Body = "fine" },
        new("unknown error", "HTTP/1.1 599 Odd\r\n" + Fine, "HTTP/1.1 599 Odd") { Body = "fine" },
        new("408", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n" + Fine, "HTTP/1.1 408 Request Timeout") { Body = "fine" },
        new("421", "HTTP/1.1 421 Misdirected Request\r\n" + Fine, "HTTP/1.1 421 Misdirected Request") { Body = "fine" },
        new("425", "HTTP/1.1 425 Too Early\r\n" + Fine, "HTTP/1.1 425 Too Early") { Body = "fine" },
        new("426", "HTTP/1.1 426 Upgrade Required\r\nUpgrade: h2c\r\nConnection: upgrade\r\n" + Fine, "HTTP/1.1 426 Upgrade Required", Lacks: ["Upgrade:"]) { Body = "fine" },
        new("404 without a body", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 Not Found", ["Content-Length: 0"], ["NFND_001"]) { Body = "" },
        new("500 of the upstream", "HTTP/1.1 500 Internal Server Error\r\n" + Fine, "HTTP/1.1 500 Internal Server Error", Lacks: ["SRV_001"]) { Body = "fine" },

        new("100 is for Portal", "HTTP/1.1 100 Continue\r\n\r\n" + Ok + Fine, "HTTP/1.1 200 OK", Lacks: ["100 Continue"]) { Body = "fine" },
        new("102 and 103 come before the answer", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + Ok + Fine, "HTTP/1.1 200 OK", Lacks: ["Early", "preload"]) { Body = "fine" },
        new("101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "HTTP/1.1 502", [Unintelligible]),

        new("HEAD has the length", Ok + "Content-Length: 12345\r\nETag: \"a\"\r\n\r\n", "HTTP/1.1 200 OK", ["Content-Length: 12345", "ETag: \"a\""], Method: "HEAD") { Body = "" },
        new("HEAD has the coding", Ok + "Transfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK", Lacks: ["Content-Length: 0"], Method: "HEAD") { Body = "" },
        new("HEAD of an error", "HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n", "HTTP/1.1 404 Not Found", ["Content-Length: 99"], Method: "HEAD") { Body = "" },
        new("204", "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", "HTTP/1.1 204 No Content", ["X-A: b"], ["Content-Length", "Transfer-Encoding"]) { Body = "" },
        new("204 with a length of 0", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content", Lacks: ["Content-Length", "Transfer-Encoding"]) { Body = "" },
        new("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", "HTTP/1.1 204 No Content", Lacks: ["Content-Length", "Transfer-Encoding"]) { Body = "" },
        new("204 with chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 204 No Content", Lacks: ["Content-Length", "Transfer-Encoding"]) { Body = "" },
        new("205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 205 Reset Content") { Body = "" },
        new("205 with a body", "HTTP/1.1 205 Reset Content\r\nContent-Length: 4\r\n\r\nfine", "HTTP/1.1 205 Reset Content") { Body = "" },
        new("304 has the length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 12345\r\nETag: \"a\"\r\nVary: Accept\r\n\r\n", "HTTP/1.1 304 Not Modified", ["ETag: \"a\"", "Vary: Accept"]) { Body = "" },

        new("chunks", Ok + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nfi\r\n2\r\nne\r\n0\r\n\r\n", "HTTP/1.1 200 OK", ["Transfer-Encoding: chunked"]) { Body = "fine" },
        new("chunks with trailers", Ok + "Trailer: X-T\r\nTransfer-Encoding: Chunked\r\n\r\n4\r\nfine\r\n0\r\nX-T: 1\r\n\r\n", "HTTP/1.1 200 OK") { Body = "fine" },
        new("chunks win over a length", Ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n", "HTTP/1.1 200 OK", Lacks: ["Content-Length"]) { Body = "fine" },
        new("an unknown coding", Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n", "HTTP/1.1 502", [Unintelligible]),
        new("an unknown coding alone", Ok + "Transfer-Encoding: gzip\r\n\r\nfine", "HTTP/1.1 502", [Unintelligible]),
        new("chunked twice", Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n", "HTTP/1.1 502", [Unintelligible]),
        new("two lengths", Ok + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nfine", "HTTP/1.1 502", [Unintelligible]),
        new("two lengths in one field", Ok + "Content-Length: 4, 5\r\n\r\nfine", "HTTP/1.1 502", [Unintelligible]),
        new("a length below nothing", Ok + "Content-Length: -4\r\n\r\nfine", "HTTP/1.1 502", [Unintelligible]),
        new("a length that is none", Ok + "Content-Length: 0x4\r\n\r\nfine", "HTTP/1.1 502", [Unintelligible]),
        new("fewer bytes than told", Ok + "Content-Length: 9\r\n\r\nfine", "") { IsCutOff = true },
        new("more bytes than told", Ok + "Content-Length: 4\r\n\r\nfineHTTP/1.1 200 OK\r\nX-Smuggled: 1\r\n\r\n", "HTTP/1.1 200 OK", Lacks: ["X-Smuggled"]) { Body = "fine" },
        new("a last chunk that never comes", Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n", "") { IsCutOff = true },
        new("a chunk that is shorter than told", Ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nfine\r\n0\r\n\r\n", "") { IsCutOff = true },
        new("a chunk without a number", Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\nxyz\r\n", "") { IsCutOff = true },
        new("a chunk of less than nothing", Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n-1\r\n", "") { IsCutOff = true },

        new("fields of the connection", Ok + "Connection: X-Mine, close\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nProxy-Authenticate: Basic\r\nX-Other: 2\r\n" + Fine, "HTTP/1.1 200 OK", ["X-Other: 2"], ["X-Mine", "Keep-Alive", "Proxy-"]),
        new("another way to the upstream", Ok + "Alt-Svc: h3=\":443\"\r\n" + Fine, "HTTP/1.1 200 OK", Lacks: ["Alt-Svc"]),
        new("a folded field", Ok + "X-A: b\r\n  c\r\n" + Fine, "HTTP/1.1 200 OK", ["X-A: b", "c\r\n"], ["b\r\n"]) { Body = "fine" },
        new("a space before the colon", Ok + "X-A : b\r\n" + Fine, "HTTP/1.1 200 OK", Lacks: ["X-A :"]) { Body = "fine" },
        new("a name that is none", Ok + "X(A: b\r\n" + Fine, "HTTP/1.1 502", [Unintelligible]),
        new("a null in a field", Ok + "X-A: b\0c\r\n" + Fine, "HTTP/1.1 200 OK", ["X-A: b c\r\n"]),
        new("a lone return in a field", Ok + "X-A: b\rX-Split: c\r\n" + Fine, "HTTP/1.1 200 OK", ["X-A: b X-Split: c\r\n"]),
        new("bytes beyond ASCII", Ok + "X-A: caf\u00e9 \u00c3\u00a9\r\n" + Fine, "HTTP/1.1 200 OK", ["X-A: caf\u00e9 \u00c3\u00a9\r\n"]),

        new("a part", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10\r\nAccept-Ranges: bytes\r\n" + Fine, "HTTP/1.1 206 Partial Content", ["Content-Range: bytes 0-3/10", "Accept-Ranges: bytes"]) { Body = "fine" },
        new("no such part", "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 416 Range Not Satisfiable", ["Content-Range: bytes */10"]),
        new("a coded body", Ok + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008b\u0008\u0000", "HTTP/1.1 200 OK", ["Content-Encoding: gzip", "Content-Length: 4"]) { Body = "\u001f\u008b\u0008\u0000" },
        new("nothing", "", "HTTP/1.1 502", [BrokeOff]),
        new("half a head", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 502", [BrokeOff]),
    ];

    [Fact]
    public async Task Answer_OfTheUpstream_IsWhatTheClientGets()
    {
        await using var upstream = RawUpstream.AnswersOnce(head => Answers[int.Parse(head.Split('/', ' ')[3], System.Globalization.CultureInfo.InvariantCulture)].Upstream);
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        var wrong = new List<string>();
        for (var i = 0; i < Answers.Length; i++)
        {
            var expected = Answers[i];
            var got = await RawHttp.ExchangeAsync(run.Portal.Address, Request(run, expected.Method, $"/public/v1/agreements/{i}"));
            if (FaultOf(expected, got) is { } fault)
                wrong.Add($"{expected.Name}: {fault}\n{got}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [Fact]
    public async Task Request_OfTheClient_IsWhatTheUpstreamGets()
    {
        var seen = "";
        await using var upstream = RawUpstream.AnswersOnce(head =>
        {
            seen = head;
            return Ok + "Connection: close\r\n" + Fine;
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        (string Method, string Headers, string[] Has, string[] Lacks)[] requests =
        [
            ("GET", "", ["Via: 1.1 portal\r\n"], ["Content-Length", "Transfer-Encoding", "Connection", "Authorization"]),
            ("GET", "Via: 1.0 first, 1.1 second\r\n", ["Via: 1.0 first, 1.1 second, 1.1 portal\r\n"], []),
            ("GET", "Max-Forwards: 5\r\n", ["Max-Forwards: 5\r\n"], []),
            ("OPTIONS", "Max-Forwards: 5\r\n", ["OPTIONS ", "Max-Forwards: 4\r\n"], []),
            ("OPTIONS", "Max-Forwards: many\r\n", ["Max-Forwards: many\r\n"], []),
            ("GET", "Keep-Alive: 5\r\nProxy-Connection: close\r\nProxy-Authorization: Basic x\r\nTE: trailers, deflate\r\nTrailer: X-T\r\nUpgrade: h2c\r\n", ["TE: trailers\r\n"], ["Keep-Alive", "Proxy-", "Trailer:", "Upgrade", "deflate"]),
            ("GET", "Connection: Upgrade\r\nUpgrade: SPDY/3.1, h2c\r\n", [], ["Upgrade", "SPDY", "h2c"]),
            ("GET", "Connection: Upgrade\r\nUpgrade: SPDY/3\r\nUpgrade: h2c\r\n", [], ["Upgrade", "SPDY", "h2c"]),
            ("GET", "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n", [], ["Upgrade", "h2c"]),
            ("GET", "Range: bytes=0-3\r\nIf-Range: \"a\"\r\nIf-None-Match: \"b\"\r\nAccept-Encoding: gzip;q=0.5\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n",
                ["Range: bytes=0-3\r\n", "If-Range: \"a\"\r\n", "If-None-Match: \"b\"\r\n", "Accept-Encoding: gzip; q=0.5\r\n|Accept-Encoding: gzip;q=0.5\r\n", "Cache-Control: no-cache\r\n"], []),
            ("GET", "X-A: caf\u00e9 \u00c3\u00a9\r\nUser-Agent: \u0080\u00ff\r\nReferer: /\u00e9\r\nCookie: a=\u00e9\r\n",
                ["X-A: caf\u00e9 \u00c3\u00a9\r\n", "User-Agent: \u0080\u00ff\r\n", "Referer: /\u00e9\r\n", "Cookie: a=\u00e9\r\n"], []),
            ("PROPFIND", "Depth: 1\r\n", ["PROPFIND /agreements/1 HTTP/1.1\r\n", "Depth: 1\r\n"], []),
            ("DELETE", "", ["DELETE /agreements/1 HTTP/1.1\r\n"], ["Transfer-Encoding"]),
            ("POST", "Content-Length: 0\r\n", ["Content-Length: 0\r\n"], ["Transfer-Encoding"]),
        ];
        var wrong = new List<string>();
        foreach (var (method, headers, has, lacks) in requests)
        {
            seen = "";
            var got = await RawHttp.ExchangeAsync(run.Portal.Address, Request(run, method, "/public/v1/agreements/1", headers));
            if (!got.StartsWith("HTTP/1.1 200 OK", StringComparison.Ordinal))
                wrong.Add($"{method} {headers}: {got}");
            wrong.AddRange(has.Where(text => !text.Split('|').Any(one => seen.Contains(one, StringComparison.OrdinalIgnoreCase))).Select(text => $"{method} {headers} lacks {text}: {seen}"));
            wrong.AddRange(lacks.Where(text => seen.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(text => $"{method} {headers} has {text}: {seen}"));
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    /// <summary>Like a server that refuses a large upload: it responds, stops reading, and resets the connection.</summary>
    [Fact]
    public async Task Answer_BeforeTheBodyIsSent_IsWhatTheClientGets()
    {
        await using var upstream = RawUpstream.Answers((head, _) => head switch
        {
            _ when head.Contains("/warm", StringComparison.Ordinal) => Ok + Fine,
            _ when head.StartsWith("POST", StringComparison.Ordinal) => "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large",
            _ => null,
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        foreach (var keepsConnection in new[] { false, true })
        {
            if (keepsConnection)
                (await run.GetAsync("/agreements/warm")).EnsureSuccessStatusCode().Dispose();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/public/v1/agreements") { Content = new ByteArrayContent(new byte[30_000_000]) };
            using var response = await run.SendAsync(request);
            Assert.Equal("too large", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal(413, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("OPTIONS", "Max-Forwards: 0\r\n", "HTTP/1.1 204 No Content")]
    [InlineData("TRACE", "", "HTTP/1.1 405 Method Not Allowed")]
    public async Task Request_ThatEndsAtPortal_IsNotForwarded(string method, string headers, string answer)
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        var got = await RawHttp.ExchangeAsync(run.Portal.Address, Request(run, method, "/public/v1/agreements/1", headers));
        Assert.StartsWith(answer, got, StringComparison.Ordinal);
        Assert.Empty(upstream.Seen);
    }

    private static string? FaultOf(Answer expected, string got)
    {
        var end = got.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (expected.IsCutOff)
            return end < 0 || got.StartsWith("HTTP/1.1 502", StringComparison.Ordinal) ? null : IsWhole(got[..end], got[(end + 4)..]) ? "looks whole" : null;
        if (!got.StartsWith(expected.Status, StringComparison.Ordinal) || end < 0)
            return $"is not {expected.Status}";
        if (expected.Has?.FirstOrDefault(text => !got.Contains(text, StringComparison.Ordinal)) is { } lacking)
            return $"lacks {lacking}";
        if (expected.Lacks?.FirstOrDefault(text => got.Contains(text, StringComparison.Ordinal)) is { } superfluous)
            return $"has {superfluous}";
        return expected.Body is { } body && Unchunked(got[..end], got[(end + 4)..]) is var read && read != body ? $"has the body '{read}'" : null;
    }

    private static bool IsWhole(string head, string body) => head.Contains("chunked", StringComparison.OrdinalIgnoreCase)
        ? !Unchunked(head, body).EndsWith(" (cut off)", StringComparison.Ordinal)
        : head.Split("Content-Length: ") is not [_, var length] || body.Length >= int.Parse(length.Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static string Unchunked(string head, string body)
    {
        if (!head.Contains("chunked", StringComparison.OrdinalIgnoreCase) || body.Length == 0)
            return body;
        var read = "";
        for (var (place, size) = (0, -1); size != 0; place += size + 2)
        {
            var end = body.IndexOf("\r\n", place, StringComparison.Ordinal);
            if (end < 0)
                return read + " (cut off)";
            size = Convert.ToInt32(body[place..end], 16);
            read += body[(end + 2)..(end + 2 + size)];
            place = end + 2;
        }

        return read;
    }

    private static string Request(GatewayRun run, string method, string target, string headers = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: {run.Portal.Address.Authority}\r\nConnection: close\r\nAuthorization: {run.Key.ToHeaderValue()}\r\n{headers}\r\n";
}
