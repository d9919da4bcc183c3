using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

/// <summary>Every form of body that HTTP allows is read, or refused with the right error.</summary>
public sealed class RequestBodyTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    public static TheoryData<string, string> Readable => new()
    {
        { "", "application/json" }, { "", "application/json;charset=UTF-8" }, { "", "application/json; charset=\"utf-8\"" }, { "", "APPLICATION/JSON; charset=utf8" },
        { "", "application/merge-patch+json" }, { "", "application/merge-patch+json; charset=utf-8" }, { "", "application/json; charset=us-ascii" },
        { "mark", "application/json" }, { "gzip", "application/json" }, { "GZIP", "application/json" }, { "x-gzip", "application/json" }, { "deflate", "application/json" },
        { "bare deflate", "application/json" }, { "br", "application/json" }, { "identity", "application/json" }, { "gzip, identity", "application/json" },
        { "deflate, gzip", "application/json" }, { "mark gzip", "application/json" },
    };

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task Body_InAnyFormThatIsAccepted_IsRead(string form, string mediaType)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var text = Guid.CreateVersion7().ToString();
        var body = Encoding.UTF8.GetBytes($$"""{"description":"{{text}}"}""");

        var answer = await SendAsync(caller, "PATCH", $"{TokensPath}/{key.Handle}", Encode(body, form), mediaType, CodingOf(form)).JsonAsync();

        Assert.Equal(text, answer.TextOf("description"));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, zstd")]
    [InlineData("aes128gcm")]
    [InlineData("gzip, gzip, gzip, gzip")]
    [InlineData("gzip;q=1")]
    public async Task Body_UnknownCoding_IsRefusedWithThoseThatAreAccepted(string coding)
    {
        var key = await portal.CreateTokenAsync();
        foreach (var idempotencyKey in new[] { null, "x" })
        {
            using var response = await SendAsync(key, "POST", TokensPath, "{}"u8.ToArray(), "application/json", coding, idempotencyKey);
            Assert.Equal("gzip, deflate, br", response.Headers.NonValidated["Accept-Encoding"].ToString());
            Assert.Contains("Content-Encoding", await ErrorBody.AssertAsync(response, HttpStatusCode.UnsupportedMediaType, "VAL_001"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    public async Task Body_ThatExpandsBeyondTheLimit_IsTooLarge(string form)
    {
        var key = await portal.CreateTokenAsync();
        var bomb = Encode(Encode(new byte[10_000_000], form.Split(", ")[0]), form.Contains(',', StringComparison.Ordinal) ? "gzip" : "");

        Assert.True(bomb.Length < 64 * 1024);
        await SendAsync(key, "PATCH", $"{TokensPath}/{key.Handle}", bomb, "application/json", CodingOf(form)).RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "VAL_001");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Body_ThatIsNotWhatTheCodingSays_IsTold(string coding)
    {
        var key = await portal.CreateTokenAsync();
        var whole = Encode("""{"description":"a text that is long enough to be cut in the middle"}"""u8.ToArray(), coding);
        foreach (var body in new[] { "{\"description\":\"x\"}"u8.ToArray(), whole[..(whole.Length / 2)] })
            Assert.NotEmpty(await SendAsync(key, "PATCH", $"{TokensPath}/{key.Handle}", body, "application/json", coding).InvalidAsync());
    }

    /// <summary>The same content, compressed and uncompressed, is the same request.</summary>
    [Fact]
    public async Task Body_CompressedUnderAnIdempotencyKey_IsReadOnce()
    {
        var key = await portal.CreateTokenAsync();
        var body = Encoding.UTF8.GetBytes($$"""{"name":"{{Guid.CreateVersion7()}}","extension":{"id":"EXT-000"} }""");

        var first = await SendAsync(key, "POST", TokensPath, Encode(body, "gzip"), "application/json", "gzip", "same").JsonAsync(HttpStatusCode.Created);
        var second = await SendAsync(key, "POST", TokensPath, body, "application/json", null, "same").JsonAsync(HttpStatusCode.Created);

        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    [Theory]
    [InlineData("utf-16", "application/json; charset=utf-16")]
    [InlineData("utf-16", "application/json")]
    [InlineData("utf-16BE", "application/json")]
    [InlineData("utf-32", "application/json")]
    [InlineData("utf-16 without mark", "application/json")]
    [InlineData("iso-8859-1", "application/json; charset=iso-8859-1")]
    [InlineData("utf-8", "application/json; charset=windows-1252")]
    public async Task Body_InAnotherEncoding_IsRefusedAsThat(string encoding, string mediaType)
    {
        var key = await portal.CreateTokenAsync();
        var text = encoding.EndsWith("mark", StringComparison.Ordinal) ? new UnicodeEncoding(false, false) : Encoding.GetEncoding(encoding);
        byte[] body = [.. text.GetPreamble(), .. text.GetBytes("""{"description":"x"}""")];

        Assert.Contains("UTF-8", await SendAsync(key, "PATCH", $"{TokensPath}/{key.Handle}", body, mediaType)
            .RefusedAsync(HttpStatusCode.UnsupportedMediaType, "VAL_001"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"description":"a","description":"b"}""", "twice")]
    [InlineData("""{"description":"x"} {}""", "not valid JSON")]
    [InlineData("""{"description":"x"}x""", "not valid JSON")]
    [InlineData("""{"description":"x",}""", "not valid JSON")]
    [InlineData("""{"description":"\ud800"}""", "unpaired surrogates")]
    [InlineData("""{"\ud800":1,"\ud800":2,"description":"x"}""", "unpaired surrogates")]
    [InlineData("""{"description":"\u0000"}""", "control character")]
    [InlineData("""{"description":1e999999999}""", "must be a text")]
    [InlineData("""{"description":123456789012345678901234567890123456789012345678901234567890}""", "must be a text")]
    [InlineData("""{"description":NaN}""", "not valid JSON")]
    [InlineData("""{"x":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]],"description":"x"}""", "nested too deeply")]
    [InlineData(" ", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    public async Task Body_BadJson_IsTold(string body, string expected)
    {
        var key = await portal.CreateTokenAsync();
        Assert.Contains(expected, await SendAsync(key, "PATCH", $"{TokensPath}/{key.Handle}", Encoding.UTF8.GetBytes(body), "application/json").InvalidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_BytesThatAreNoUtf8OrAreNested_AreTold()
    {
        var key = await portal.CreateTokenAsync();
        foreach (var body in new byte[][] { [.. "{\"description\":\"a"u8, 0xFF, .. "\"}"u8], [.. "{\"a"u8, 0xC3, .. "\":1}"u8], [.. "{\"x\":"u8, .. Encoding.ASCII.GetBytes(new string('[', 60_000))] })
            await SendAsync(key, "PATCH", $"{TokensPath}/{key.Handle}", body, "application/json").InvalidAsync();
        Assert.DoesNotContain("Portal.Api.JsonInput", portal.Log.Text, StringComparison.Ordinal);
    }

    /// <summary>Here "no body" means "all", so an empty file must not count as no body.</summary>
    [Fact]
    public async Task RemovePermissions_BodyOfAByteOrderMarkAlone_RemovesNothing()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002"));

        await SendAsync(caller, "DELETE", $"{TokensPath}/{key.Handle}/permissions", Mark, "application/json").InvalidAsync();

        Assert.Equal("MD-0002", ModulesOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()));
    }

    private static string? CodingOf(string form) => form switch
    {
        "" or "mark" => null,
        "bare deflate" => "deflate",
        "mark gzip" => "gzip",
        _ => form,
    };

    private static byte[] Encode(byte[] body, string form) => form switch
    {
        "mark" => [.. Mark, .. body],
        "mark gzip" => Encode([.. Mark, .. body], "gzip"),
        "deflate, gzip" => Encode(Encode(body, "deflate"), "gzip"),
        "gzip" or "GZIP" or "x-gzip" or "gzip, identity" => Compress(body, stream => new GZipStream(stream, CompressionLevel.SmallestSize)),
        "deflate" => Compress(body, stream => new ZLibStream(stream, CompressionLevel.SmallestSize)),
        "bare deflate" => Compress(body, stream => new DeflateStream(stream, CompressionLevel.SmallestSize)),
        "br" => Compress(body, stream => new BrotliStream(stream, CompressionLevel.Optimal)),
        _ => body,
    };

    private static byte[] Compress(byte[] body, Func<Stream, Stream> open)
    {
        using var buffer = new MemoryStream();
        using (var stream = open(buffer))
            stream.Write(body);
        return buffer.ToArray();
    }

    private Task<HttpResponseMessage> SendAsync(
        ApiKey key, string method, string path, byte[] body, string mediaType, string? coding = null, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (coding is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        if (idempotencyKey is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        return portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
