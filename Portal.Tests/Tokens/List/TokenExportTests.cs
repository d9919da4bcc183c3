using System.Net;
using System.Text.Json;
using Portal.Tests.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Tokens.List;

/// <summary>The downloads of the token list, over HTTP.</summary>
[Slow]
public sealed class TokenExportTests(DemoProcess demo) : IClassFixture<DemoProcess>
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetCsv_AllTokens_HasALineForEachWithoutKeys()
    {
        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync("/tokens/export.csv?deleted=1", Cancellation);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        var text = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(ByteOrderMark.Length));

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Matches("^attachment; filename=\"?tokens-[0-9]{4}-[0-9]{2}-[0-9]{2}\\.csv\"?$", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal(ByteOrderMark, bytes[..ByteOrderMark.Length]);
        Assert.StartsWith(
            "handle,name,external_id,description,status,extension_id,extension,all_modules,modules,created_at,created_by,expires_at,previous_key_ends_at,last_used_at,fingerprints,owner,contact\r\n",
            text, StringComparison.Ordinal);
        var total = int.Parse(Assert.Single(answer.Headers.GetValues("X-Total-Count")), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(total, System.Text.RegularExpressions.Regex.Count(text, "^SU-", System.Text.RegularExpressions.RegexOptions.Multiline));
        Assert.DoesNotMatch("[0-9a-f]{40}", text);
    }

    [Fact]
    public async Task GetJson_Filtered_HasWhatTheListFinds()
    {
        var handle = demo.ApiKey.Split(' ', ':')[1];
        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync($"/tokens/export.json?q={handle}", Cancellation);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));

        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues("X-Total-Count")));
        var token = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal(handle, token.GetProperty("handle").GetString());
        Assert.Equal(demo.ApiKey[^4..], Assert.Single(token.GetProperty("fingerprints").EnumerateArray()).GetString());
        Assert.EndsWith("Z", token.GetProperty("created_at").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AddressWithAKey_IsRefused()
    {
        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync($"/tokens/export.csv?q={Uri.EscapeDataString(demo.ApiKey)}", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
