using System.Net;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

/// <summary>Every read has an entity tag, and a client with the current response gets 304 instead.</summary>
public sealed class ConditionalReadTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Get_TagOfThePresentAnswer_IsNotModified()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");
        foreach (var path in Reads(key))
        {
            using var first = await SendAsync(key, "GET", path);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            var tag = Assert.IsType<System.Net.Http.Headers.EntityTagHeaderValue>(first.Headers.ETag).ToString();
            foreach (var sent in new[] { tag, $"W/{tag}", $"{tag[..^1]}-gzip\"", $"W/{tag[..^1]};br\"", $"\"x\", {tag}", "*" })
            {
                using var second = await SendAsync(key, "GET", path, ("If-None-Match", sent));
                Assert.True(second.StatusCode == HttpStatusCode.NotModified, $"{path} {sent}: {second.StatusCode}");
                Assert.Equal((tag, true), (second.Headers.ETag?.ToString(), second.Headers.CacheControl?.NoStore));
                Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            }

            using var head = await SendAsync(key, "HEAD", path, ("If-None-Match", tag));
            using var other = await SendAsync(key, "GET", path, ("If-None-Match", "\"x\", nonsense"));
            using var wrong = await SendAsync(key, "GET", path, ("If-Match", "\"x\""));
            using var right = await SendAsync(key, "GET", path, ("If-Match", $"W/{tag}"));
            Assert.Equal(
                [HttpStatusCode.NotModified, HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.OK],
                [head.StatusCode, other.StatusCode, wrong.StatusCode, right.StatusCode]);
        }
    }

    [Fact]
    public async Task Head_IsAsGetWithoutTheBody()
    {
        var key = await portal.CreateTokenAsync();
        foreach (var path in Reads(key))
        {
            using var get = await SendAsync(key, "GET", path);
            using var head = await SendAsync(key, "HEAD", path);
            Assert.Equal(
                (get.StatusCode, get.Headers.ETag?.ToString(), get.Content.Headers.ContentLength, get.Content.Headers.ContentType?.ToString()),
                (head.StatusCode, head.Headers.ETag?.ToString(), head.Content.Headers.ContentLength, head.Content.Headers.ContentType?.ToString()));
            Assert.Equal("application/json; charset=utf-8", get.Content.Headers.ContentType!.ToString());
        }
    }

    [Fact]
    public async Task Get_AfterAChange_IsAnsweredAnew()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002"));
        string[] paths = [$"{TokensPath}/{key.Handle}", $"{TokensPath}/{key.Handle}/permissions", $"{TokensPath}?id={key.Handle}", $"{TokensPath}?select(-permissions)&id={key.Handle}"];
        var tags = new List<string>();
        foreach (var path in paths)
        {
            using var read = await SendAsync(caller, "GET", path);
            tags.Add(read.Headers.ETag!.ToString());
        }

        await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/permissions", """{"id":"MD-0003"}""").JsonAsync(HttpStatusCode.Created);

        foreach (var (path, tag) in paths.Zip(tags))
        {
            using var read = await SendAsync(caller, "GET", path, ("If-None-Match", tag));
            Assert.True(read.StatusCode == HttpStatusCode.OK, path);
        }
    }

    /// <summary>The version stays, but the response changes: the key is about to end, and then has ended.</summary>
    [Fact]
    public async Task Get_StatusThatChangesWithTime_IsAnsweredAnewAndMayStillBeChanged()
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        var (caller, key) = (await own.CreateTokenAsync(), await own.CreateTokenAsync(own.Clock.GetUtcNow().UtcDateTime.AddDays(40)));
        var path = $"{TokensPath}/{key.Handle}";
        using var active = await own.CallAsync(caller, "GET", path);
        var tag = active.Headers.ETag!.ToString();
        own.Clock.Advance(TimeSpan.FromDays(20));

        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", caller.ToHeaderValue());
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        Assert.Equal("expiring", (await own.Client.SendAsync(request, TestContext.Current.CancellationToken).JsonAsync()).TextOf("status"));
        await own.CallAsync(caller, "PATCH", path, """{"description":"x"}""", tag).JsonAsync();
    }

    [Fact]
    public async Task List_PageThatStaysWhileTheTotalChanges_IsAnsweredAnew()
    {
        var caller = await portal.CreateTokenAsync();
        using var before = await SendAsync(caller, "GET", TokensPath + "?limit=1");
        await portal.CreateTokenAsync();

        using var after = await SendAsync(caller, "GET", TokensPath + "?limit=1", ("If-None-Match", before.Headers.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(PortalHost.ContentRangeOf(before), PortalHost.ContentRangeOf(after));
    }

    private static string[] Reads(ApiKey key) =>
    [
        $"{TokensPath}/{key.Handle}", TokensPath + "?limit=3", TokensPath + "?limit=3&select(-events)", $"{TokensPath}/{key.Handle}/permissions", $"{TokensPath}/self",
        "/public/v1/auth/context", "/public/v1/accounts", $"/public/v1/statistics/tokens/{key.Handle}/summary",
        $"/public/v1/statistics/tokens/{key.Handle}/aggregates?days=2&date=2020-01-02", "/public/v1/modules", "/public/v1/modules/MD-0002", "/public/v1/extensions",
        "/public/v1/extensions/EXT-000", "/public/v1/modules/integrations/settings",
    ];

    private Task<HttpResponseMessage> SendAsync(ApiKey key, string method, string path, (string Name, string Value)? header = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        return portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
