using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

public sealed class TokenChangeTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    public async Task Update_SomeFields_LeavesTheOthers(string method)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002"));
        var name = $"Renamed {Guid.CreateVersion7()}";
        await portal.CallAsync(caller, method, $"{TokensPath}/{key.Handle}", """{"external_id":"e","description":"d"}""").JsonAsync();
        var token = await portal.CallAsync(caller, method, $"{TokensPath}/{key.Handle}/", $$"""{"name":"{{name}}","external_id":null}""").JsonAsync();

        Assert.Equal((name, null, "d", "MD-0002"), (token.TextOf("name"), token.TextOf("external_id"), token.TextOf("description"), ModulesOf(token)));
        Assert.Equal(caller.Handle, token.GetProperty("events").GetProperty("updated").GetProperty("by").TextOf("id"));
        Assert.False(token.TryGetProperty("token", out _));
        await using var context = await portal.ContextAsync();
        var entries = await context.AuditEntries.Where(entry => entry.TargetId == key.Handle && entry.Action == "token.updated").ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal((2, true), (entries.Count, entries.TrueForAll(entry => entry.ActorId == caller.Handle && entry.ActorKind == "token")));
    }

    [Theory]
    [InlineData("{}", "The request changes nothing. Send at least one of name, external_id, description, notice_days and start_date.")]
    [InlineData("", "The request changes nothing. Send at least one of name, external_id, description, notice_days and start_date.")]
    [InlineData("""{"status":"inactive"}""", "The request changes nothing. Send at least one of name, external_id, description, notice_days and start_date.")]
    [InlineData("""{"name":null}""", "name: must be a text.")]
    [InlineData("""{"name":"","external_id":5}""", "external_id: must be a text or null.")]
    [InlineData("""{"name":""}""", "name: Enter a name.")]
    [InlineData("null", "The body must be a JSON object: {\"name\": \"…\"}.")]
    public async Task Update_BadBody_IsTold(string body, string expected)
    {
        var key = await portal.CreateTokenAsync();
        Assert.Equal(expected, await portal.CallAsync(key, "PUT", $"{TokensPath}/{key.Handle}", body).InvalidAsync());
    }

    /// <summary>Clients read an object, change it and send it back. In the contract, the description in that response is never null.</summary>
    [Fact]
    public async Task Update_WholeObjectAsItWasRead_IsTakenAndAnsweredWithATextAsDescription()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var path = $"{TokensPath}/{key.Handle}";
        await portal.CallAsync(caller, "PUT", path, """{"description":null}""").JsonAsync();
        var read = await portal.CallAsync(caller, "GET", path).JsonAsync();

        var answer = await portal.CallAsync(caller, "PUT", path, read.GetRawText()).JsonAsync();

        Assert.Equal(JsonValueKind.Null, read.GetProperty("description").ValueKind);
        Assert.Equal((read.TextOf("name"), "", "active"), (answer.TextOf("name"), answer.TextOf("description"), answer.TextOf("status")));
    }

    [Fact]
    public async Task Update_StartOfAPendingToken_MovesIt()
    {
        var caller = await portal.CreateTokenAsync();
        var created = await portal.CallAsync(caller, "POST", TokensPath, $$"""{"name":"Pending {{Guid.CreateVersion7()}}","extension":{"id":"EXT-000"},"start_date":"2027-01-01T00:00:00Z"}""")
            .JsonAsync(HttpStatusCode.Created);
        var path = $"{TokensPath}/{created.TextOf("id")}";

        Assert.Equal("2027-02-01T09:30:00+00:00", (await portal.CallAsync(caller, "PATCH", path, """{"start_date":"2027-02-01T10:30:00+01:00"}""").JsonAsync()).TextOf("start_date"));
        // Null doesn't change it: clients send back what they read.
        Assert.Equal("2027-02-01T09:30:00+00:00", (await portal.CallAsync(caller, "PUT", path, """{"start_date":null}""").JsonAsync()).TextOf("start_date"));
        Assert.Equal("start_date: The start must be within the next five years.", await portal.CallAsync(caller, "PUT", path, """{"start_date":"2090-01-01T00:00:00Z"}""").InvalidAsync());
        Assert.Equal("start_date: must be a date and time such as 2030-01-15T12:00:00+00:00, or null.", await portal.CallAsync(caller, "PUT", path, """{"start_date":"soon"}""").InvalidAsync());
        await portal.CallAsync(caller, "POST", path + "/activate").JsonAsync();
        Assert.Equal(
            "start_date: Only the start of a pending token can be changed, and this one isn't pending.",
            await portal.CallAsync(caller, "PUT", path, """{"start_date":"2027-03-01T00:00:00Z"}""").InvalidAsync());
    }

    [Fact]
    public async Task Update_IfMatch_SavesOnlyWhatWasRead()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var path = $"{TokensPath}/{key.Handle}";
        using var read = await portal.CallAsync(caller, "GET", path);
        var tag = read.Headers.ETag!.ToString();
        using var first = await portal.CallAsync(caller, "PUT", path, """{"description":"first"}""", $"\"other\", {tag}");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEqual(tag, first.Headers.ETag!.ToString());

        foreach (var stale in new[] { tag, $"W/{tag}" })
            Assert.Contains("has changed since you read it", await portal.CallAsync(caller, "PUT", path, """{"description":"second"}""", stale)
                .RefusedAsync(HttpStatusCode.PreconditionFailed, "PREC_001"), StringComparison.Ordinal);
        Assert.Equal("first", (await portal.CallAsync(caller, "GET", path).JsonAsync()).TextOf("description"));
        Assert.Equal("third", (await portal.CallAsync(caller, "PUT", path, """{"description":"third"}""", "*").JsonAsync()).TextOf("description"));
    }

    [Fact]
    public async Task Delete_EndsTheKeyAndCanBeAskedAgain()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        for (var time = 0; time < 2; time++)
        {
            using var response = await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{key.Handle}");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        using var call = await portal.SendAsync(key, TokensPath);
        await ErrorBody.AssertAsync(call, HttpStatusCode.Unauthorized, "AUTH_002");
        Assert.Equal("deleted", (await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()).TextOf("status"));
        foreach (var (method, path) in new[] { ("PUT", ""), ("POST", "/activate"), ("POST", "/deactivate"), ("POST", "/rotate"), ("POST", "/renew") })
            Assert.Contains("was deleted", await portal.CallAsync(
                caller, method, $"{TokensPath}/{key.Handle}{path}", path is "/rotate" or "/renew" ? """{"expiration_date":"2027-05-01"}""" : """{"name":"x"}""").InvalidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deactivate_And_Activate_HoldForTheNextRequest()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());

        Assert.Equal("inactive", (await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/deactivate").JsonAsync()).TextOf("status"));
        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.Equal("active", (await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/activate/").JsonAsync()).TextOf("status"));
        Assert.True(await portal.IsAcceptedAsync(key.ToHeaderValue()));
    }

    [Fact]
    public async Task Renew_LiveToken_AnswersWithTheKeyThatReplacesIt()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(Now.AddDays(40)));

        var token = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", $$"""{"expiration_date":"{{Now.AddDays(90):O}}"}""").JsonAsync();

        Assert.False(token.TryGetProperty("token", out _));
        Assert.StartsWith($"ApiKey {key.Handle}:", token.TextOf("renewed_token"), StringComparison.Ordinal);
        Assert.Equal((Now.AddDays(40), Now.AddDays(90)), (token.GetProperty("expiration_date").GetDateTimeOffset().UtcDateTime, token.GetProperty("renewed_expiration_date").GetDateTimeOffset().UtcDateTime));
        Assert.True(await portal.IsAcceptedAsync(token.TextOf("renewed_token")) && await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.Contains("already has two valid keys", await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", """{"expiration_date":"2028-01-01"}""").InvalidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renew_ExpiredToken_AnswersWithItsOnlyKey()
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        var (caller, key) = (await own.CreateTokenAsync(), await own.CreateTokenAsync(own.Clock.GetUtcNow().UtcDateTime.AddHours(1)));
        own.Clock.Advance(TimeSpan.FromHours(2));

        var token = await own.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", """{"expiration_date":"2027-06-01T00:00:00Z"}""").JsonAsync();

        Assert.Equal(("active", "2027-06-01T00:00:00+00:00"), (token.TextOf("status"), token.TextOf("expiration_date")));
        Assert.False(token.TryGetProperty("renewed_token", out _));
        Assert.True(await own.IsAcceptedAsync(token.TextOf("token")));
        Assert.False(await own.IsAcceptedAsync(key.ToHeaderValue()));
    }

    [Fact]
    public async Task Renew_WithoutADateOrAnExpiration_IsRefused()
    {
        var (caller, perpetual, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), await portal.CreateTokenAsync(Now.AddDays(40)));
        foreach (var body in new[] { null, "{}", """{"expiration_date":null}""" })
            Assert.Equal("expiration_date: is required. Send the time when the new key expires.", await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", body).InvalidAsync());
        Assert.StartsWith("expiration_date: must be a date", await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", """{"expiration_date":"x"}""").InvalidAsync(), StringComparison.Ordinal);
        Assert.Equal("expiration_date: The expiration must be in the future.", await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/renew", """{"expiration_date":"2020-01-01"}""").InvalidAsync());
        Assert.Contains("no expiration", await portal.CallAsync(caller, "POST", $"{TokensPath}/{perpetual.Handle}/renew", """{"expiration_date":"2028-01-01"}""").InvalidAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "2027-03-01T00:00:00+00:00")]
    [InlineData("{}", "2027-03-01T00:00:00+00:00")]
    [InlineData("""{"expiration_date":null}""", null)]
    [InlineData("""{"expiration_date":"2027-07-01T00:00:00Z"}""", "2027-07-01T00:00:00+00:00")]
    public async Task Rotate_EndsThePresentKeyAndKeepsTheDateUnlessOneIsSent(string? body, string? expected)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(new DateTime(2027, 3, 1, 0, 0, 0, DateTimeKind.Utc)));

        var token = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", body).JsonAsync();

        Assert.Equal(expected, token.TextOf("expiration_date"));
        Assert.True(await portal.IsAcceptedAsync(token.TextOf("token")));
        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.DoesNotContain(token.TextOf("token")[^40..], portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_BadDate_ChangesNothing()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        foreach (var body in new[] { """{"expiration_date":"x"}""", """{"expiration_date":"2020-01-01"}""", """{"expiration_date":7}""", "[]" })
            await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", body).InvalidAsync();
        Assert.True(await portal.IsAcceptedAsync(key.ToHeaderValue()));
    }

    [Fact]
    public async Task Get_AfterEveryCallThatMakesAKey_HoldsNoSecret()
    {
        var caller = await portal.CreateTokenAsync();
        var created = await portal.CallAsync(caller, "POST", TokensPath,
            $$"""{"name":"{{Guid.CreateVersion7()}}","expiration_date":"2027-01-01","extension":{"id":"EXT-000" } }""").JsonAsync(HttpStatusCode.Created);
        var path = $"{TokensPath}/{created.Handle()}";
        var rotated = await portal.CallAsync(caller, "POST", path + "/rotate").JsonAsync();
        var renewed = await portal.CallAsync(caller, "POST", path + "/renew", """{"expiration_date":"2028-01-01"}""").JsonAsync();
        string[] secrets = [created.TextOf("token")[^40..], rotated.TextOf("token")[^40..], renewed.TextOf("renewed_token")[^40..]];

        Assert.Equal(3, secrets.Distinct().Count());
        foreach (var address in new[]
                 {
                     path, $"{TokensPath}?limit=1000", $"{TokensPath}?id={created.Handle()}", path + "/permissions", $"{TokensPath}/self", "/public/v1/auth/context",
                     "/public/v1/accounts", $"/public/v1/statistics/tokens/{created.Handle()}/summary", $"/public/v1/statistics/tokens/{created.Handle()}/aggregates",
                     "/public/v1/modules", "/public/v1/extensions", "/public/v1/modules/integrations/settings",
                 })
        {
            var text = (await portal.CallAsync(caller, "GET", address).JsonAsync()).GetRawText();
            Assert.DoesNotContain("token\":", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("[0-9a-f]{40}", text);
        }
    }

    [Fact]
    public async Task Changes_OfForeignAndUnknownTokens_AreNotFound()
    {
        var caller = await portal.CreateTokenAsync();
        foreach (var handle in new[] { await portal.ForeignAsync(), "SU-000-000-000", "x" })
            foreach (var (method, path) in new[]
                     {
                         ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/activate"), ("POST", "/deactivate"), ("POST", "/renew"), ("POST", "/rotate"),
                         ("GET", "/permissions"), ("POST", "/permissions"), ("DELETE", "/permissions"),
                     })
                await portal.CallAsync(caller, method, $"{TokensPath}/{handle}{path}", method is "PUT" or "PATCH" ? """{"name":"x"}""" : null)
                    .RefusedAsync(HttpStatusCode.NotFound, "NFND_001");
    }
}
