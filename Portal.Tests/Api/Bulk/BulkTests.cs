using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api.Bulk;

/// <summary>One action on many tokens, with a result for each.</summary>
public sealed class BulkTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task Bulk_GoodAndBadOnes_GivesAResultForEachInTheOrderAsked()
    {
        var caller = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");
        var (one, beyond, two) = (await portal.CreateTokenAsync(null, "MD-0002"), await portal.CreateTokenAsync(null, "MD-0003"), await portal.CreateTokenAsync(null, "MD-0002"));
        string[] ids = [two.Handle, "SU-000-000-000", beyond.Handle, await portal.ForeignAsync(), "x", one.Handle, two.Handle];

        var answer = await BulkAsync(caller, "deactivate", ids).JsonAsync();

        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(ids[..6], results.Select(item => item.TextOf("id")));
        Assert.Equal([200, 404, 403, 404, 404, 200], results.Select(StatusOf));
        Assert.Equal((2, 4), (answer.GetProperty("succeeded").GetInt32(), answer.GetProperty("failed").GetInt32()));
        Assert.Equal("id status token", FieldsOf(results[0]));
        Assert.Equal((two.Handle, "inactive"), (results[0].GetProperty("token").TextOf("id"), results[0].GetProperty("token").TextOf("status")));
        Assert.Equal("id status error_code errors", FieldsOf(results[2]));
        Assert.Equal(("AUTH_005", "NFND_001"), (results[2].TextOf("error_code"), results[3].TextOf("error_code")));
        Assert.Contains("MD-0003", results[2].GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(
            (false, true, false), (await portal.IsAcceptedAsync(one.ToHeaderValue()), await portal.IsAcceptedAsync(beyond.ToHeaderValue()), await portal.IsAcceptedAsync(two.ToHeaderValue())));
    }

    [Fact]
    public async Task Bulk_EveryAction_DoesWhatTheSingleOneDoes()
    {
        var (caller, token) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(Now.AddDays(40)));
        async Task<JsonElement> OneAsync(string action, string more = "") =>
            (await BulkAsync(caller, action, [token.Handle], more).JsonAsync()).GetProperty("results")[0];

        Assert.Equal("inactive", (await OneAsync("deactivate")).GetProperty("token").TextOf("status"));
        Assert.Equal("active", (await OneAsync("activate")).GetProperty("token").TextOf("status"));
        var rotated = (await OneAsync("rotate", ""","overlap":"PT1H" """)).GetProperty("token");
        Assert.Equal(Now.AddDays(40), rotated.GetProperty("renewed_expiration_date").GetDateTimeOffset().UtcDateTime);
        Assert.True(await portal.IsAcceptedAsync(rotated.TextOf("renewed_token")) && await portal.IsAcceptedAsync(token.ToHeaderValue()));
        Assert.Equal((400, "VAL_001"), (StatusOf(await OneAsync("renew", ""","expiration_date":"2027-08-01" """)), (await OneAsync("renew", ""","expiration_date":"2027-08-01" """)).TextOf("error_code")));
        Assert.Equal("active", (await OneAsync("end-previous")).GetProperty("token").TextOf("status"));
        Assert.False(await portal.IsAcceptedAsync(token.ToHeaderValue()));
        Assert.True(await portal.IsAcceptedAsync((await OneAsync("renew", ""","expiration_date":"2027-08-01" """)).GetProperty("token").TextOf("renewed_token")));
        var perpetual = (await OneAsync("rotate", ""","expiration_date":null""")).GetProperty("token");
        Assert.Null(perpetual.TextOf("expiration_date"));
        Assert.True(await portal.IsAcceptedAsync(perpetual.TextOf("token")));
        for (var time = 0; time < 2; time++)
            Assert.Equal("id status", FieldsOf(await OneAsync("delete")));
        Assert.Equal((400, "VAL_001"), (StatusOf(await OneAsync("activate")), (await OneAsync("activate")).TextOf("error_code")));
        await using var context = await portal.ContextAsync();
        Assert.Equal(
            "token.created token.disabled token.enabled token.rotated token.previous_key_ended token.renewed token.rotated token.deleted",
            string.Join(' ', await context.AuditEntries.Where(entry => entry.TargetId == token.Handle).OrderBy(entry => entry.Id).Select(entry => entry.Action).ToListAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Bulk_ByQuery_ActsOnWhatItFinds()
    {
        var (caller, mark) = (await portal.CreateTokenAsync(), Guid.CreateVersion7().ToString());
        var handles = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var wanted = new NewToken(Guid.CreateVersion7(), $"{mark} {i}", mark, null, null, "EXT-000", ModuleChoice.All);
            handles.Add(Assert.IsType<TokenOutcome.Done>(await portal.Tokens.CreateAsync(portal.Administrator, wanted)).Handle);
        }

        await portal.Tokens.DeleteAsync(portal.Administrator, handles[1]);
        Task<HttpResponseMessage> Call(string action, string query) =>
            portal.CallAsync(caller, "POST", TokensPath + "/bulk", $$"""{"action":"{{action}}","query":"{{query}}"}""");

        var answer = await Call("deactivate", $"external_id={mark}&ordering(-name)").JsonAsync();

        Assert.Equal([handles[2], handles[0]], answer.GetProperty("results").EnumerateArray().Select(item => item.TextOf("id")));
        Assert.Equal(2, answer.GetProperty("succeeded").GetInt32());
        Assert.Equal(0, (await Call("delete", $"and(external_id={mark},status=active)").JsonAsync()).GetProperty("results").GetArrayLength());
        Assert.Contains("nowhere", await Call("delete", "nowhere=1").InvalidAsync(), StringComparison.Ordinal);
        Assert.StartsWith("query: At character 1", await Call("delete", "drop(x)").InvalidAsync(), StringComparison.Ordinal);
        Assert.StartsWith("query: must contain a filter", await Call("delete", "").InvalidAsync(), StringComparison.Ordinal);
        Assert.StartsWith("query: can't contain limit", await Call("delete", $"external_id={mark}&limit=1").InvalidAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ids":["x"]}""", "action: must be one of activate, deactivate, delete, end-previous, renew, rotate.")]
    [InlineData("""{"action":"drop","ids":["x"]}""", "action: must be one of activate, deactivate, delete, end-previous, renew, rotate.")]
    [InlineData("""{"action":1,"ids":["x"]}""", "action: must be a text.")]
    [InlineData("""{"action":"delete"}""", "Send either ids or query to select the tokens.")]
    [InlineData("""{"action":"delete","ids":["x"],"query":"id=x"}""", "Send either ids or query to select the tokens.")]
    [InlineData("""{"action":"delete","ids":[]}""", "ids: must contain at least one token.")]
    [InlineData("""{"action":"delete","ids":"x"}""", "ids: must be a list.")]
    [InlineData("""{"action":"delete","ids":["x",5,6]}""", "ids[1]: must be a text.")]
    [InlineData("""{"action":"renew","ids":["x"]}""", "expiration_date: is required. Send the time when the new keys expire.")]
    [InlineData("""{"action":"rotate","ids":["x"],"overlap":"P1M"}""", "overlap: must be a duration such as PT24H, P7D or P1DT12H: whole weeks, or whole days, hours, minutes and seconds.")]
    [InlineData("", "action: must be one of activate, deactivate, delete, end-previous, renew, rotate.\nSend either ids or query to select the tokens.")]
    public async Task Bulk_BadBody_IsToldAsAWhole(string body, string expected) =>
        Assert.Equal(expected, await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath + "/bulk", body).InvalidAsync());

    [Theory]
    [InlineData("deactivate", 1000)]
    [InlineData("rotate", 200)]
    public async Task Bulk_MoreThanAllowed_ChangesNothing(string action, int most)
    {
        var (caller, token) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        IEnumerable<string> ids = Enumerable.Range(0, most).Select(number => ApiKey.HandleOf(number)).Prepend(token.Handle);

        Assert.Contains($"{most + 1:N0} tokens are too many for one request", await BulkAsync(caller, action, [.. ids]).InvalidAsync(), StringComparison.Ordinal);
        Assert.True(await portal.IsAcceptedAsync(token.ToHeaderValue()));
    }

    [Fact]
    public async Task Bulk_QueryThatFindsTooMany_ChangesNothing()
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        var caller = await own.CreateTokenAsync();
        for (var i = 0; i < 201; i++)
            await own.CreateTokenAsync();

        Assert.StartsWith("query: 202 tokens are too many", await own.CallAsync(
            caller, "POST", TokensPath + "/bulk", """{"action":"rotate","query":"ne(name,x)"}""").InvalidAsync(), StringComparison.Ordinal);
        Assert.True(await own.IsAcceptedAsync(caller.ToHeaderValue()));
    }

    [Fact]
    public async Task Bulk_ByATokenWithoutIntegrations_IsForbidden() =>
        await BulkAsync(await portal.CreateTokenAsync(null, "MD-0002"), "delete", ["x"]).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_004");

    private static int StatusOf(JsonElement item) => item.GetProperty("status").GetInt32();

    private Task<HttpResponseMessage> BulkAsync(ApiKey caller, string action, string[] ids, string more = "") => portal.CallAsync(
        caller, "POST", TokensPath + "/bulk", $$"""{"action":"{{action}}","ids":{{JsonSerializer.Serialize(ids)}}{{more}}}""");
}
