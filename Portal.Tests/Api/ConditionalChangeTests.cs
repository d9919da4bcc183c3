using System.Net;
using System.Text.Json;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

/// <summary>Every change supports preconditions and is applied only to the intended version.</summary>
public sealed class ConditionalChangeTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Stale = "\"00000000000000000000000000000000\"";

    private static readonly (string Method, string Path, string? Body)[] Changes =
    [
        ("PUT", "", """{"description":"x"}"""), ("PATCH", "", """{"description":"x"}"""), ("DELETE", "", null), ("POST", "/activate", null), ("POST", "/deactivate", null),
        ("POST", "/renew", """{"expiration_date":"2028-01-01"}"""), ("POST", "/rotate", null), ("POST", "/end-previous", null),
        ("POST", "/permissions", """{"id":"MD-0003"}"""), ("DELETE", "/permissions", """{"id":"MD-0002"}"""), ("DELETE", "/permissions", null),
    ];

    /// <summary>The tag as it was sent, and as compressing proxies change it.</summary>
    private static readonly Func<string, string>[] Forms =
    [
        tag => tag, tag => $"W/{tag}", tag => $"{tag[..^1]}-gzip\"", tag => $"W/{tag[..^1]}-gzip\"", tag => $"{tag[..^1]};br\"", tag => $"{tag[..^1]}--gzip\"",
        tag => $"{tag[..^1]}-zstd\"", tag => $"\"other\", {tag}", tag => $"{Stale},{tag}", tag => $"{tag[..33]}\"", tag => tag.ToUpperInvariant(), _ => "*",
    ];

    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task Change_StaleTag_IsRefusedAndDoesNothing()
    {
        var caller = await portal.CreateTokenAsync();
        foreach (var (method, path, body) in Changes)
        {
            var key = await portal.CreateTokenAsync(Now.AddDays(50), "MD-0002");
            var (tag, before) = await ReadAsync(caller, key);
            var address = $"{TokensPath}/{key.Handle}{path}";
            foreach (var stale in new[] { Stale, $"W/{Stale}", $"\"0193a5f0c1d27b3e8f4a6b5c4d3e2f10{tag[33..]}" })
                Assert.Equal(
                    $"The token {key.Handle} has changed since you read it, so nothing was saved. Read it again, and then repeat your change.",
                    await portal.CallAsync(caller, method, address, body, stale).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001"));

            Assert.Equal((tag, before), await ReadAsync(caller, key));
            Assert.True(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        }
    }

    [Fact]
    public async Task Change_PresentTagInAnyForm_IsMade()
    {
        var caller = await portal.CreateTokenAsync();
        foreach (var (change, index) in Changes.SelectMany(change => Forms.Select((_, index) => (change, index))))
        {
            // Every change in one form, and every form with one change.
            if (index > 1 && change.Path != "/deactivate")
                continue;
            var key = await portal.CreateTokenAsync(Now.AddDays(50), "MD-0002");
            var sent = Forms[index]((await ReadAsync(caller, key)).Tag);
            using var response = await portal.CallAsync(caller, change.Method, $"{TokensPath}/{key.Handle}{change.Path}", change.Body, sent);
            Assert.True(response.IsSuccessStatusCode, $"{change.Method} {change.Path} {sent}: {response.StatusCode}");
        }
    }

    [Theory]
    [InlineData("\"abc\"", "contains no ETag of a token")]
    [InlineData("\"\"", "contains no ETag of a token")]
    [InlineData("W/\"5e1f0c9a7d3b2846\"", "contains no ETag of a token")]
    [InlineData("\"0193a5f0c1d27b3e8f4a6b5c4d3e2f1x\"", "contains no ETag of a token")]
    [InlineData("nonsense", "ETags in double quotes")]
    [InlineData("0193a5f0c1d27b3e8f4a6b5c4d3e2f10", "ETags in double quotes")]
    [InlineData("", "ETags in double quotes")]
    [InlineData("\"a", "ETags in double quotes")]
    [InlineData("*, \"a\"", "ETags in double quotes")]
    public async Task Change_TagThatNeverMatches_IsToldAsWhatItIs(string header, string expected)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());

        var told = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/deactivate", null, header).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");

        Assert.Contains(expected, told, StringComparison.Ordinal);
        Assert.True(await portal.IsAcceptedAsync(key.ToHeaderValue()));
    }

    /// <summary>RFC 9110, 13.2.1: a request that would be refused anyway is refused in the same way as without the header; the body is read after
    /// it.</summary>
    [Fact]
    public async Task Change_StaleTagAndAnotherFault_TellsTheOneThatComesFirst()
    {
        var caller = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");
        var (within, above, deleted) = (await portal.CreateTokenAsync(null, "MD-0002"), await portal.CreateTokenAsync(null, "MD-0003"), await portal.CreateTokenAsync(null, "MD-0002"));
        await portal.DeleteAsync(deleted);

        await portal.CallAsync(caller, "PATCH", $"{TokensPath}/SU-000-000-000", """{"description":"x"}""", Stale).RefusedAsync(HttpStatusCode.NotFound, "NFND_001");
        await portal.CallAsync(caller, "PATCH", $"{TokensPath}/SU-000-000-000", """{"description":"x"}""", "nonsense").RefusedAsync(HttpStatusCode.NotFound, "NFND_001");
        await portal.CallAsync(caller, "POST", $"{TokensPath}/{above.Handle}/rotate", null, Stale).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005");
        await portal.CallAsync(caller, "POST", $"{TokensPath}/{deleted.Handle}/rotate", null, Stale).InvalidAsync();
        await portal.CallAsync(caller, "PATCH", $"{TokensPath}/{within.Handle}", "[", Stale).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");
        using var again = await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{deleted.Handle}", null, Stale);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
    }

    [Fact]
    public async Task Change_IfNoneMatch_IsMadeOnlyToOtherVersions()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var (tag, _) = await ReadAsync(caller, key);
        foreach (var header in new[] { "*", tag, $"W/{tag}", $"\"x\", {tag}" })
            await SendAsync(caller, "POST", $"{TokensPath}/{key.Handle}/deactivate", ("If-None-Match", header)).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");

        await SendAsync(caller, "POST", $"{TokensPath}/{key.Handle}/deactivate", ("If-None-Match", Stale)).JsonAsync();
    }

    [Fact]
    public async Task Change_TagOfAnAnswerToAChangeAndOfThePermissions_IsTaken()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002"));
        var path = $"{TokensPath}/{key.Handle}";
        using var changed = await portal.CallAsync(caller, "PATCH", path, """{"description":null,"external_id":"e"}""");
        Assert.Equal((await ReadAsync(caller, key)).Tag, changed.Headers.ETag!.ToString());

        using var permissions = await portal.CallAsync(caller, "GET", path + "/permissions");
        using var granted = await portal.CallAsync(caller, "POST", path + "/permissions", """{"id":"MD-0003"}""", permissions.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.Created, granted.StatusCode);
        await portal.CallAsync(caller, "DELETE", path + "/permissions", null, permissions.Headers.ETag.ToString()).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");
    }

    [Fact]
    public async Task ChangeOfSelf_TagOfSelf_IsTaken()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007");
        using var self = await portal.CallAsync(key, "GET", $"{TokensPath}/self");
        await portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate", null, Stale).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");
        await portal.CallAsync(key, "POST", $"{TokensPath}/self/end-previous", null, Stale).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");

        await portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate", null, self.Headers.ETag!.ToString()).JsonAsync();
    }

    /// <summary>If several clients change the same version, one succeeds and all others are refused.</summary>
    [Fact]
    public async Task Change_ManyAtOnceWithTheSameTag_IsMadeByOne()
    {
        var caller = await portal.CreateTokenAsync();
        foreach (var (method, path, body) in Changes.Where(change => change.Path is "" or "/rotate" && change.Method != "DELETE"))
        {
            var key = await portal.CreateTokenAsync(null, "MD-0002");
            var (tag, _) = await ReadAsync(caller, key);

            var statuses = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
            {
                using var response = await portal.CallAsync(caller, method, $"{TokensPath}/{key.Handle}{path}", body?.Replace("\"x\"", $"\"{number}\"", StringComparison.Ordinal), tag);
                return response.StatusCode;
            }));

            Assert.Equal(1, statuses.Count(status => status == HttpStatusCode.OK));
            Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.PreconditionFailed));
        }
    }

    [Fact]
    public async Task Change_RepeatUnderAnIdempotencyKey_GetsTheRememberedAnswer()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var (tag, _) = await ReadAsync(caller, key);
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", null, tag, idempotencyKey: "once");

        var first = await Call().JsonAsync();
        var second = await Call().JsonAsync();

        Assert.Equal(first.GetRawText(), second.GetRawText());
        await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", null, tag, idempotencyKey: "twice").RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");
    }

    [Fact]
    public async Task Create_IfMatch_IsRefusedAndIfNoneMatchHolds()
    {
        var caller = await portal.CreateTokenAsync();
        var body = $$"""{"name":"{{Guid.CreateVersion7()}}","extension":{"id":"EXT-000"} }""";

        Assert.Contains("has no ETag yet", await portal.CallAsync(caller, "POST", TokensPath, body, Stale).RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001"), StringComparison.Ordinal);
        await SendAsync(caller, "POST", TokensPath, ("If-None-Match", "*"), body).JsonAsync(HttpStatusCode.Created);
    }

    /// <summary>The tags of all tokens in one header: each token is changed if one of the tags matches it.</summary>
    [Fact]
    public async Task Bulk_IfMatch_IsComparedWithEachToken()
    {
        var (caller, first, second) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var tags = $"{(await ReadAsync(caller, first)).Tag}, {(await ReadAsync(caller, second)).Tag}";
        await portal.CallAsync(caller, "PATCH", $"{TokensPath}/{second.Handle}", """{"description":"theirs"}""").JsonAsync();
        var body = $$"""{"action":"deactivate","ids":["{{first.Handle}}","{{second.Handle}}"]}""";
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", $"{TokensPath}/bulk", body, tags, idempotencyKey: "many");

        await portal.CallAsync(caller, "POST", $"{TokensPath}/bulk", body, "\"x\"").RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001");
        Assert.Equal([(200, null), (412, "PREC_001")], ResultsOf(await Call().JsonAsync()));
        // The first token has another version by now, because this call disabled it.
        Assert.Equal([(200, null), (412, "PREC_001")], ResultsOf(await Call().JsonAsync()));
        Assert.True(await portal.IsAcceptedAsync(second.ToHeaderValue()));
    }

    private static IEnumerable<(int Status, string? Code)> ResultsOf(JsonElement bulk) => bulk.GetProperty("results").EnumerateArray()
        .Select(item => (item.GetProperty("status").GetInt32(), item.TryGetProperty("error_code", out var code) ? code.GetString() : null));

    private async Task<(string Tag, string Body)> ReadAsync(ApiKey caller, ApiKey key)
    {
        using var response = await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}");
        return (response.Headers.ETag!.ToString(), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private Task<HttpResponseMessage> SendAsync(ApiKey caller, string method, string path, (string Name, string Value) header, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, null, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", caller.ToHeaderValue());
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
