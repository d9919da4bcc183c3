using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

public sealed class TokenCreateTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private static int _number;

    private static string Name => $"Made {Interlocked.Increment(ref _number)}";

    /// <param name="extension">The extension, with any further fields of the body.</param>
    private static string Wanted(string extension, string? name = null) => $$"""{"name":"{{name ?? Name}}","extension":""" + extension + "}";

    [Theory]
    [InlineData("""{"id":"EXT-000"}""")]
    [InlineData("""{"name":"custom"}""")]
    [InlineData("""{"id":"EXT-000","name":"custom"}""")]
    public async Task Create_Custom_AnswersWithAKeyThatWorksAndNoModule(string extension)
    {
        var name = Name;
        using var response = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath,
            $$"""{"name":"{{name}}","external_id":"e-1","description":"Two\nlines","extension":{{extension}},"owner":{"id":"PA-100-200"},"expiration_date":"2027-01-01T02:00:00+02:00"}""");
        var token = await Task.FromResult(response).JsonAsync(HttpStatusCode.Created);

        Assert.Equal($"{TokensPath}/{token.Handle()}", response.Headers.Location?.OriginalString);
        Assert.Equal((name, "e-1", "Two\nlines", "active"), (token.TextOf("name"), token.TextOf("external_id"), token.TextOf("description"), token.TextOf("status")));
        Assert.Equal(("2027-01-01T00:00:00+00:00", "", "EXT-000"), (token.TextOf("expiration_date"), ModulesOf(token), token.GetProperty("extension").TextOf("id")));
        Assert.StartsWith($"ApiKey {token.Handle()}:", token.TextOf("token"), StringComparison.Ordinal);
        Assert.False(token.TryGetProperty("renewed_token", out _));
        Assert.True(await portal.IsAcceptedAsync(token.TextOf("token")));
    }

    [Fact]
    public async Task Create_WithAStart_IsPendingAndSaysUntilWhen()
    {
        var token = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, Wanted("""{"id":"EXT-000"},"start_date":"2027-01-01T00:00:00Z" """))
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("pending", "2027-01-01T00:00:00+00:00"), (token.TextOf("status"), token.TextOf("start_date")));
        Assert.False(await portal.IsAcceptedAsync(token.TextOf("token")));
        Assert.Equal("start_date: The start must be before the expiration.", await portal.CallAsync(
            await portal.CreateTokenAsync(), "POST", TokensPath, Wanted("""{"id":"EXT-000"},"start_date":"2027-01-01","expiration_date":"2026-12-31" """)).InvalidAsync());
    }

    [Fact]
    public async Task Create_WithDaysOfNotice_ReturnsThemUntilTheyAreChanged()
    {
        var maker = await portal.CreateTokenAsync();
        var token = await portal.CallAsync(maker, "POST", TokensPath, Wanted("""{"id":"EXT-000"},"notice_days":[1,30]""")).JsonAsync(HttpStatusCode.Created);
        Assert.Equal("[30,1]", token.GetProperty("notice_days").GetRawText());
        var path = $"{TokensPath}/{token.Handle()}";

        Assert.Equal("[]", (await portal.CallAsync(maker, "PATCH", path, """{"notice_days":[]}""").JsonAsync()).GetProperty("notice_days").GetRawText());
        Assert.Equal("[]", (await portal.CallAsync(maker, "PATCH", path, """{"description":"Other"}""").JsonAsync()).GetProperty("notice_days").GetRawText());
        Assert.False((await portal.CallAsync(maker, "PATCH", path, """{"notice_days":null}""").JsonAsync()).TryGetProperty("notice_days", out _));
        Assert.Equal("notice_days: Choose among these numbers of days: 180, 90, 60, 30, 14, 7, 3, 2, 1, 0.", await portal.CallAsync(maker, "PATCH", path, """{"notice_days":[5]}""").InvalidAsync());
        Assert.Equal("notice_days[1]: must be a whole number from 0.", await portal.CallAsync(maker, "PATCH", path, """{"notice_days":[7,"7"]}""").InvalidAsync());
        Assert.Equal("notice_days: must be a list of whole numbers, or null.", await portal.CallAsync(maker, "POST", TokensPath, Wanted("""{"id":"EXT-000"},"notice_days":7""")).InvalidAsync());
    }

    [Fact]
    public async Task Create_ByAToken_NamesTheTokenAsItsMakerAndInTheAudit()
    {
        var maker = await portal.CreateTokenAsync();
        var token = await portal.CallAsync(maker, "POST", TokensPath, Wanted("""{"id":"EXT-000"}""")).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(maker.Handle, token.GetProperty("events").GetProperty("created").GetProperty("by").TextOf("id"));
        await using var context = await portal.ContextAsync();
        var entry = await context.AuditEntries.SingleAsync(entry => entry.TargetId == token.Handle(), TestContext.Current.CancellationToken);
        Assert.Equal(("token.created", "token", maker.Handle, "127.0.0.1"), (entry.Action, entry.ActorKind, entry.ActorId, entry.Address));
        Assert.DoesNotContain(token.TextOf("token")[^40..], $"{entry.Details}{portal.Log.Text}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithPermissions_HasThem()
    {
        var token = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath,
            Wanted("""{"id":"EXT-000"},"permissions":[{"object":{"id":"MD-0003"}},{"id":"MD-0002"},{"id":"MD-0002","object":{"id":"MD-0002"}}]"""))
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal("MD-0002 MD-0003", ModulesOf(token));
    }

    [Fact]
    public async Task Create_ReadOnlyAndUnknownFields_ArePassedOver()
    {
        var token = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath,
            Wanted("""{"id":"EXT-000"},"id":"SU-000-000-001","handle":7,"status":"deleted","token":"x","events":[],"colour":"red","expiration_date":null"""))
            .JsonAsync(HttpStatusCode.Created);

        Assert.NotEqual("SU-000-000-001", token.Handle());
        Assert.Equal(("active", JsonValueKind.Null), (token.TextOf("status"), token.GetProperty("expiration_date").ValueKind));
    }

    /// <summary>Dates have milliseconds in JavaScript and microseconds in Python: a converted time must still be equal.</summary>
    [Fact]
    public async Task Create_WithinASecond_ToldMomentsHaveNoFractionAndFindTheToken()
    {
        portal.Clock.Advance(TimeSpan.FromTicks(1_234_567));
        var caller = await portal.CreateTokenAsync();
        var token = await portal.CallAsync(caller, "POST", TokensPath, Wanted("""{"id":"EXT-000"},"permissions":[{"id":"MD-0002"}]""")).JsonAsync(HttpStatusCode.Created);

        var events = token.GetProperty("events");
        var created = events.GetProperty("created").TextOf("at");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\z", created);
        Assert.Equal(created, events.GetProperty("updated").TextOf("at"));
        Assert.Equal(created, token.GetProperty("permissions")[0].GetProperty("events").GetProperty("granted").TextOf("at"));
        var found = await portal.CallAsync(caller, "GET", $"{TokensPath}?events.created.at={created}&ordering(-id)&id={token.Handle()}").JsonAsync();
        Assert.Equal(1, found.GetArrayLength());
    }

    [Theory]
    [InlineData("2027-01-01T02:00:00.000Z", "2027-01-01T02:00:00+00:00")]
    [InlineData("2027-01-01T02:00:00.123456789Z", "2027-01-01T02:00:00.123456+00:00")]
    [InlineData("2027-01-01T02:00:00+0200", "2027-01-01T00:00:00+00:00")]
    [InlineData("2027-01-01T02:00:00-05", "2027-01-01T07:00:00+00:00")]
    [InlineData("2027-01-01T02:00:00", "2027-01-01T02:00:00+00:00")]
    [InlineData("2027-01-01t02:00z", "2027-01-01T02:00:00+00:00")]
    [InlineData("2027-01-01", "2027-01-01T00:00:00+00:00")]
    public async Task Create_ExpirationAsLanguagesWriteIt_IsThatMoment(string written, string expected)
    {
        var token = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, Wanted($$"""{"id":"EXT-000"},"expiration_date":"{{written}}" """))
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal(expected, token.TextOf("expiration_date"));
    }

    /// <summary>Generated clients write null for every unset field.</summary>
    [Fact]
    public async Task Create_NullForWhatIsOptional_IsAsIfItWereNotThere()
    {
        var token = await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath,
            Wanted("""{"id":"EXT-000","name":null},"owner":null,"permissions":[{"id":null,"object":{"id":"MD-0002"}},{"id":"MD-0003","object":null}],"external_id":null,"description":null,"expiration_date":null"""))
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("PA-100-200", "MD-0002 MD-0003"), (token.GetProperty("owner").TextOf("id"), ModulesOf(token)));
        await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, Wanted("""{"name":"custom"},"permissions":null""")).JsonAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("", "name: is required.\nextension: is required, with the id or the name of an extension.")]
    [InlineData("{}", "name: is required.\nextension: is required, with the id or the name of an extension.")]
    [InlineData("""{"name":null,"extension":null}""", "name: must be a text.\nextension: is required, with the id or the name of an extension.")]
    [InlineData("""{"name":"n","extension":{"id":null,"name":null}}""", "extension: is required, with the id or the name of an extension.")]
    [InlineData("""{"name":"n","extension":"EXT-000"}""", "extension: must be an object.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000"},"owner":{}}""", "owner.id: must be your own account, PA-100-200.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000"},"owner":{"id":5}}""", "owner.id: must be a text.")]
    [InlineData("""{"name":1,"external_id":[],"description":{},"extension":{"id":2},"owner":"me","expiration_date":true,"permissions":{}}""",
        "owner: must be an object.\nname: must be a text.\nexternal_id: must be a text or null.\ndescription: must be a text or null.\nexpiration_date: must be a text or null.\nextension.id: must be a text or null.\npermissions: must be a list.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-999"}}""", "extension: There is no extension with this id and name.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000","name":"zapier"}}""", "extension: There is no extension with this id and name.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000"},"owner":{"id":"PA-900-900"}}""", "owner.id: must be your own account, PA-100-200.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000"},"expiration_date":"tomorrow"}""", "expiration_date: must be a date and time such as 2030-01-15T12:00:00+00:00, or null.")]
    [InlineData("""{"name":" ","extension":{"id":"EXT-000"},"expiration_date":"2020-01-01"}""", "name: Enter a name.\nexpiration_date: The expiration must be in the future.")]
    [InlineData("""{"name":"\ud800","extension":{"id":"EXT-000"}}""", "name: is not valid text. It must be UTF-8 without unpaired surrogates.")]
    [InlineData("""{"name":"n","extension":{"id":"EXT-000"},"permissions":["MD-0002",{},{"id":"MD-9999"},{"id":"MD-0002","object":{"id":"MD-0003"}}]}""",
        "permissions[0]: must be an object.\npermissions[1].object.id: is required: the id of a module.\npermissions[2].id: There is no module with this id.\npermissions[3].id: is another module than object.id; send one of them.")]
    [InlineData("[]", "The body must be a JSON object: {\"name\": \"…\"}.")]
    [InlineData("""{"name":"n",""", "The body is not valid JSON. The error is in line 1, at byte 12.")]
    public async Task Create_BadBody_IsToldWithALineForEachFault(string body, string expected) =>
        Assert.Equal(expected, await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, body).InvalidAsync());

    [Fact]
    public async Task Create_FieldTwice_IsRefused() => Assert.StartsWith(
        "The body is not valid JSON",
        await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, """{"name":"a","name":"b","extension":{"id":"EXT-000"}}""").InvalidAsync(), StringComparison.Ordinal);

    [Fact]
    public async Task Create_AnotherMediaTypeOrTooLargeABody_IsRefused()
    {
        var key = await portal.CreateTokenAsync();
        await portal.CallAsync(key, "POST", TokensPath, "name=x", mediaType: "application/x-www-form-urlencoded").RefusedAsync(HttpStatusCode.UnsupportedMediaType, "VAL_001");
        await portal.CallAsync(key, "POST", TokensPath, $$"""{"name":"{{new string('x', 70_000)}}"}""").RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "VAL_001");
        Assert.Contains("The maximum is 128.", await portal.CallAsync(key, "POST", TokensPath, Wanted("""{"id":"EXT-000"}""", new string('x', 129))).InvalidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_NameInUse_IsRefused()
    {
        var (key, body) = (await portal.CreateTokenAsync(), Wanted("""{"id":"EXT-000"}"""));
        await portal.CallAsync(key, "POST", TokensPath, body).JsonAsync(HttpStatusCode.Created);

        Assert.Contains("is already used by another token", await portal.CallAsync(key, "POST", TokensPath, body).InvalidAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"EXT-000"},"permissions":[{"id":"MD-0002"},{"id":"MD-0003"}]""", "MD-0003")]
    [InlineData("""{"id":"EXT-001"}""", "MD-0005, MD-0015, MD-0017")]
    [InlineData("""{"id":"EXT-002"}""", "does not have all modules")]
    public async Task Create_WithModulesThatTheCallerLacks_IsForbidden(string extension, string named)
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002");

        Assert.Contains(named, await portal.CallAsync(key, "POST", TokensPath, Wanted(extension))
            .RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005"), StringComparison.Ordinal);
    }
}
