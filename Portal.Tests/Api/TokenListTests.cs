using System.Net;
using System.Text.Json;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

public sealed class TokenListTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Fields =
        "id name description external_id owner status extension handle events permissions expiration_date renewed_expiration_date";

    [Theory]
    [InlineData(TokensPath)]
    [InlineData(TokensPath + "/")]
    public async Task List_EveryToken_HasTheFieldsOfTheContract(string path)
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");

        var body = await portal.CallAsync(key, "GET", path).JsonAsync();

        Assert.NotEqual(0, body.GetArrayLength());
        Assert.All(body.EnumerateArray(), token => Assert.Equal(Fields, FieldsOf(token)));
        var own = body.EnumerateArray().Single(token => token.Handle() == key.Handle);
        Assert.Equal(
            """{"id":"PA-100-200","name":"Test account","icon":null} {"id":"EXT-000","name":"custom","icon":null}""",
            $"{own.GetProperty("owner").GetRawText()} {own.GetProperty("extension").GetRawText()}");
        Assert.Equal((key.Handle, "active", "MD-0002 MD-0007"), (own.TextOf("handle"), own.TextOf("status"), ModulesOf(own)));
        Assert.Equal(JsonValueKind.Null, own.GetProperty("expiration_date").ValueKind);
        Assert.Equal(
            """{"created":{"at":"2026-11-24T10:00:00+00:00","by":{"id":"test","name":"Test Administrator"}},"updated":{"at":"2026-11-24T10:00:00+00:00","by":{"id":"test","name":"Test Administrator"}}}""",
            own.GetProperty("events").GetRawText());
        Assert.Equal(
            """{"id":"MD-0002","object":{"id":"MD-0002"},"events":{"granted":{"at":"2026-11-24T10:00:00+00:00","by":{"id":"test","name":"Test Administrator"}}}}""",
            own.GetProperty("permissions")[0].GetRawText());
    }

    [Fact]
    public async Task Get_OneToken_IsWhatTheListHolds()
    {
        var key = await portal.CreateTokenAsync(new DateTime(2027, 1, 2, 3, 4, 5, DateTimeKind.Utc), "MD-0007");

        var list = await portal.CallAsync(key, "GET", $"{TokensPath}?id={key.Handle}").JsonAsync();
        var one = await portal.CallAsync(key, "GET", $"{TokensPath}/{key.Handle}").JsonAsync();

        Assert.Equal(one.GetRawText(), list[0].GetRawText());
        Assert.Equal("2027-01-02T03:04:05+00:00", one.TextOf("expiration_date"));
    }

    [Fact]
    public async Task Get_AllModules_ListsEveryModule()
    {
        var key = await portal.CreateTokenAsync();

        var token = await portal.CallAsync(key, "GET", $"{TokensPath}/{key.Handle}/").JsonAsync();

        Assert.Equal(TestCatalog.Default.Modules.Select(module => module.Id), ModulesOf(token).Split(' '));
    }

    [Fact]
    public async Task Get_RenewedToken_NamesBothExpirations()
    {
        var key = await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(40));
        await portal.RenewAsync(key, portal.Clock.GetUtcNow().UtcDateTime.AddDays(100));

        var token = await portal.CallAsync(key, "GET", $"{TokensPath}/{key.Handle}").JsonAsync();

        Assert.Equal(
            ("revitalised", "2027-01-03T10:00:00+00:00", "2027-03-04T10:00:00+00:00"),
            (token.TextOf("status"), token.TextOf("expiration_date"), token.TextOf("renewed_expiration_date")));
        Assert.Equal(Fields, FieldsOf(token));
        var found = await portal.CallAsync(key, "GET", $"{TokensPath}?expiration_date=2027-01-03T10:00:00Z&id={key.Handle}").JsonAsync();
        Assert.Equal(1, found.GetArrayLength());
    }

    [Fact]
    public async Task List_Windows_CutTheSameOrderIntoPages()
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        var keys = new List<ApiKey>();
        for (var number = 0; number < 12; number++)
            keys.Add(await own.CreateTokenAsync());
        List<string> seen = [];
        foreach (var (window, range) in new[] { ("limit=5", "items 0-4/12"), ("limit=5&offset=5", "items 5-9/12"), ("limit=5&offset=10", "items 10-11/12") })
        {
            using var response = await own.SendAsync(keys[0], $"{TokensPath}?{window}");
            Assert.Equal(range, PortalHost.ContentRangeOf(response));
            seen.AddRange((await Task.FromResult(response).JsonAsync()).EnumerateArray().Select(ApiCalls.Handle));
        }

        Assert.Equal(keys.Select(key => key.Handle), seen);
        var last = await own.CallAsync(keys[0], "GET", $"{TokensPath}?ordering(-events.created.at)&limit=1").JsonAsync();
        Assert.Equal(keys[^1].Handle, last[0].Handle());
    }

    [Theory]
    [InlineData("NIGHTLY", "Nightly Förde")]
    [InlineData("förde", "Nightly Förde")]
    [InlineData("erp-17", "Nightly Förde")]
    [InlineData("Quay*works", "Nightly Förde")]
    [InlineData("\"sews%20*%20three, of\"", "Plain")]
    [InlineData("works%0Aon", "")]
    [InlineData("Plain*three", "")]
    [InlineData("nobody", "")]
    [InlineData("%25", "")]
    [InlineData("PLAIN&status=inactive", "")]
    public async Task List_Search_LooksThroughNameExternalIdAndDescription(string search, string names)
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        await own.Tokens.CreateAsync(own.Administrator, new NewToken(Guid.CreateVersion7(), "Nightly Förde", "ERP-17", "For Quay Waterworks", null, "EXT-000", ModuleChoice.All));
        await own.Tokens.CreateAsync(own.Administrator, new NewToken(Guid.CreateVersion7(), "Plain", null, "On and on: sews the three, of many", null, "EXT-000", ModuleChoice.All));
        var key = await own.CreateTokenAsync();

        var found = await own.CallAsync(key, "GET", $"{TokensPath}?search={search}&ordering(name)").JsonAsync();

        Assert.Equal(names, string.Join(", ", found.EnumerateArray().Select(token => token.TextOf("name"))));
    }

    [Fact]
    public async Task List_Search_FindsTheHandleAndJoinsFilters()
    {
        var (key, other) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());

        var found = await portal.CallAsync(key, "GET", $"{TokensPath}?search={other.Handle[3..].ToLowerInvariant()}&status=active").JsonAsync();
        var none = await portal.CallAsync(key, "GET", $"{TokensPath}?(search={other.Handle}|search={key.Handle})&id={other.Handle}").JsonAsync();

        Assert.Equal(other.Handle, Assert.Single(found.EnumerateArray()).Handle());
        Assert.Equal(other.Handle, Assert.Single(none.EnumerateArray()).Handle());
        await portal.CallAsync(key, "GET", $"{TokensPath}?description=x").InvalidAsync();
    }

    [Theory]
    [InlineData("", "items 0-0/1")]
    [InlineData("&status=deleted", "items 0-0/1")]
    [InlineData("&in(status,(deleted,active))", "items 0-1/2")]
    [InlineData("&status=active", "items 0-0/1")]
    public async Task List_DeletedTokens_AreThereWhenTheStatusIsAsked(string query, string range)
    {
        var (kept, deleted) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        await portal.DeleteAsync(deleted);

        using var response = await portal.SendAsync(kept, $"{TokensPath}?in(id,({kept.Handle},{deleted.Handle})){query}");

        Assert.Equal((HttpStatusCode.OK, range), (response.StatusCode, PortalHost.ContentRangeOf(response)));
    }

    [Theory]
    [InlineData("select(id,name)", "id name description external_id owner status extension handle events permissions expiration_date renewed_expiration_date")]
    [InlineData("select(+permissions,-events,-owner)", "id name description external_id status extension handle permissions expiration_date renewed_expiration_date")]
    [InlineData("select(extension.id,-events.created.by.name,-token)", "id name description external_id owner status extension handle events permissions expiration_date renewed_expiration_date")]
    [InlineData("select(-permissions,-events,-owner,-extension)", "id name description external_id status handle expiration_date renewed_expiration_date")]
    public async Task List_Select_TellsTheseFields(string select, string fields)
    {
        var key = await portal.CreateTokenAsync();

        var body = await portal.CallAsync(key, "GET", $"{TokensPath}?id={key.Handle}&{select}").JsonAsync();

        Assert.Equal(fields, FieldsOf(body[0]));
    }

    [Fact]
    public async Task List_SelectWithoutAFieldWithin_LeavesTheRest()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007");

        var body = await portal.CallAsync(key, "GET", $"{TokensPath}?id={key.Handle}&select(-permissions.events,-events.updated)").JsonAsync();

        Assert.Equal(("""[{"id":"MD-0007","object":{"id":"MD-0007"}}]""", "created"), (body[0].GetProperty("permissions").GetRawText(), FieldsOf(body[0].GetProperty("events"))));
    }

    [Theory]
    [InlineData("select(nope)", "At character 8: There is no field \"nope\" to select. Use one of id, name, description, ")]
    [InlineData("select(-nope)", "At character 8: There is no field \"nope\" to select.")]
    [InlineData("select(id,events.created.nope)", "At character 11: There is no field \"events.created.nope\" to select. Use one of at, by.")]
    [InlineData("select(id.name)", "At character 8: There is no field \"id.name\" to select.")]
    [InlineData("select(extension.)", "At character 8: There is no field \"extension.\" to select.")]
    [InlineData("select(name,-name)", "At character 8: \"name\" can't be told when \"name\" is left out.")]
    [InlineData("select(-extension,extension.id)", "At character 19: \"extension.id\" can't be told when \"extension\" is left out.")]
    public async Task List_SelectOfWhatIsNotThere_IsRefused(string select, string expected)
    {
        var key = await portal.CreateTokenAsync();

        Assert.StartsWith(expected, await portal.CallAsync(key, "GET", $"{TokensPath}?{select}").InvalidAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit=1001")]
    [InlineData("owner.id=x")]
    [InlineData("ordering(secret)")]
    [InlineData("eq(name")]
    public async Task List_BadQuery_NamesTheFaultWithItsPlace(string query)
    {
        var key = await portal.CreateTokenAsync();

        Assert.StartsWith("At character ", await portal.CallAsync(key, "GET", $"{TokensPath}?{query}").InvalidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ForeignAndUnknownTokens_AreNotFoundAndNotListed()
    {
        var key = await portal.CreateTokenAsync();
        var foreign = await portal.ForeignAsync();
        foreach (var handle in new[] { foreign, "SU-000-000-000", "x", "SU-000-000-000%20" })
            Assert.StartsWith(
                "There is no token ", await portal.CallAsync(key, "GET", $"{TokensPath}/{handle}").RefusedAsync(HttpStatusCode.NotFound, "NFND_001"), StringComparison.Ordinal);

        var found = await portal.CallAsync(key, "GET", $"{TokensPath}?id={foreign}").JsonAsync();
        Assert.Equal(0, found.GetArrayLength());
    }

    [Fact]
    public async Task Paths_WithoutTheModule_AreForbidden()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        foreach (var path in new[] { TokensPath, $"{TokensPath}/{key.Handle}", "/public/v1/modules", "/public/v1/extensions", $"/public/v1/statistics/tokens/{key.Handle}/summary" })
            await portal.CallAsync(key, "GET", path).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_004");
    }

    [Theory]
    [InlineData("GET", "/auth/tokens/SU-000-000-000/secrets", HttpStatusCode.NotFound, "NFND_001")]
    [InlineData("GET", "/modules/MD-0002/paths", HttpStatusCode.NotFound, "NFND_001")]
    [InlineData("GET", "/statistics/tokens", HttpStatusCode.NotFound, "NFND_001")]
    [InlineData("POST", "/modules", HttpStatusCode.MethodNotAllowed, "MTHD_001")]
    [InlineData("DELETE", "/auth/tokens", HttpStatusCode.MethodNotAllowed, "MTHD_001")]
    [InlineData("GET", "/auth/tokens/SU-000-000-000/rotate", HttpStatusCode.MethodNotAllowed, "MTHD_001")]
    public async Task Paths_ThatPortalDoesNotOffer_AreNotTheSandbox(string method, string path, HttpStatusCode status, string code)
    {
        using var response = await portal.CallAsync(await portal.CreateTokenAsync(), method, "/public/v1" + path);

        await ErrorBody.AssertAsync(response, status, code);
        Assert.False(response.Headers.Contains("X-Sandbox"));
    }

    [Fact]
    public async Task Head_IsGetWithoutTheBody()
    {
        var key = await portal.CreateTokenAsync();
        using var response = await portal.CallAsync(key, "HEAD", $"{TokensPath}?id={key.Handle}");

        Assert.Equal((HttpStatusCode.OK, "items 0-0/1"), (response.StatusCode, PortalHost.ContentRangeOf(response)));
    }
}
