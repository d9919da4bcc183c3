using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api.Idempotency;

/// <summary>The same request again, with the same key.</summary>
public sealed class IdempotencyTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Create_Repeated_GivesTheSameAnswerAndMakesOneToken()
    {
        var (caller, name, key) = (await portal.CreateTokenAsync(), NewName(), NewName());
        var first = await Answer.OfAsync(CreateAsync(caller, name, key));
        // Later changes aren't in the remembered response.
        await portal.CallAsync(caller, "PATCH", first.Location!, """{"description":"changed"}""").JsonAsync();

        foreach (var same in new[] { key, $"\"{key}\"" })
        {
            var again = await Answer.OfAsync(CreateAsync(caller, name, same));
            Assert.Equal(first with { Replayed = "true" }, again);
        }

        Assert.Equal((HttpStatusCode.Created, null), (first.Status, first.Replayed));
        Assert.True(await portal.IsAcceptedAsync(first.Json.TextOf("token")));
        Assert.Equal(1, await CountAsync(name));
    }

    [Fact]
    public async Task Create_SameKeyOfAnotherToken_IsAnotherCall()
    {
        var (one, other, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), NewName());

        var first = await CreateAsync(one, NewName(), key).JsonAsync(HttpStatusCode.Created);
        var second = await CreateAsync(other, NewName(), key).JsonAsync(HttpStatusCode.Created);

        Assert.NotEqual(first.Handle(), second.Handle());
    }

    [Theory]
    [InlineData("renew", """{"expiration_date":"2027-09-01T00:00:00Z"}""", "renewed_token")]
    [InlineData("rotate", """{"overlap":"PT1H"}""", "renewed_token")]
    [InlineData("rotate", null, "token")]
    public async Task RenewAndRotate_Repeated_MakeOneKey(string action, string? body, string field)
    {
        var (caller, token) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(new DateTime(2027, 3, 1, 0, 0, 0, DateTimeKind.Utc)));
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", $"{TokensPath}/{token.Handle}/{action}", body, idempotencyKey: "once-" + token.Handle);

        var first = await Answer.OfAsync(Call());
        var again = await Answer.OfAsync(Call());

        Assert.Equal(first with { Replayed = "true" }, again);
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.True(await portal.IsAcceptedAsync(first.Json.TextOf(field)));
        await using var context = await portal.ContextAsync();
        Assert.Equal(2, await context.TokenSecrets.CountAsync(secret => context.Tokens.Any(known => known.Id == secret.TokenId && known.Handle == token.Handle), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RotateSelf_WithOverlap_CanBeRepeatedWithTheOldKeyOnly()
    {
        var caller = await portal.CreateTokenAsync();
        Task<HttpResponseMessage> Call(ApiKey key) => portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate", """{"overlap":"PT1H"}""", idempotencyKey: "x");

        var first = await Answer.OfAsync(Call(caller));
        var again = await Answer.OfAsync(Call(caller));

        Assert.Equal(first with { Replayed = "true" }, again);
        var told = await Call(first.Json.TextOf("renewed_token").ToApiKey()).RefusedAsync(HttpStatusCode.UnprocessableEntity, "IDEM_003");
        Assert.Contains($"with another API key of {caller.Handle}", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RotateSelf_WithoutOverlap_RefusesTheKeyThatWouldRepeatIt()
    {
        var caller = await portal.CreateTokenAsync();
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", $"{TokensPath}/self/rotate", idempotencyKey: "x");

        await Call().JsonAsync();

        await Call().RefusedAsync(HttpStatusCode.Unauthorized, "AUTH_001");
    }

    [Fact]
    public async Task Reuse_WithAnotherRequest_IsToldAndDoesNothing()
    {
        var (caller, token, name, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(), NewName(), NewName());
        await CreateAsync(caller, name, key).JsonAsync(HttpStatusCode.Created);

        var other = NewName();
        foreach (var call in new Func<Task<HttpResponseMessage>>[]
        {
            () => CreateAsync(caller, other, key),
            () => portal.CallAsync(caller, "POST", TokensPath + "?x=1", Wanted(name), idempotencyKey: key),
            () => portal.CallAsync(caller, "POST", $"{TokensPath}/{token.Handle}/rotate", idempotencyKey: key),
        })
            Assert.Contains("was used for a different request in the last 24 hours", await call().RefusedAsync(HttpStatusCode.UnprocessableEntity, "IDEM_001"), StringComparison.Ordinal);

        Assert.Equal(0, await CountAsync(other));
        Assert.True(await portal.IsAcceptedAsync(token.ToHeaderValue()));
    }

    [Fact]
    public async Task Refusal_IsNotRemembered()
    {
        var (caller, name, key) = (await portal.CreateTokenAsync(), NewName(), NewName());
        var inTheWay = await CreateAsync(caller, name, null).JsonAsync(HttpStatusCode.Created);
        Assert.Contains("is already used", await CreateAsync(caller, name, key).InvalidAsync(), StringComparison.Ordinal);
        using (await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{inTheWay.Handle()}"))
        {
        }

        var made = await Answer.OfAsync(CreateAsync(caller, name, key));

        Assert.Equal((HttpStatusCode.Created, null), (made.Status, made.Replayed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("\"open")]
    public async Task Key_Malformed_IsRefused(string key)
    {
        var (caller, name) = (await portal.CreateTokenAsync(), NewName());
        Assert.StartsWith("Idempotency-Key: must be sent once, with 1 to 255 visible ASCII characters", await CreateAsync(caller, name, key).InvalidAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(name));
    }

    [Fact]
    public async Task Repeat_ByACallerWhoMayNotAnyMore_IsForbidden()
    {
        var (caller, key) = (await portal.CreateTokenAsync(null, "MD-0007", "MD-0002"), NewName());
        var body = $$"""{"name":"{{NewName()}}","extension":{"id":"EXT-000"},"permissions":[{"id":"MD-0002"}]}""";
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", TokensPath, body, idempotencyKey: key);
        await Call().JsonAsync(HttpStatusCode.Created);

        await portal.EditModulesAsync(caller, new ModuleChoice(false, ["MD-0007"]));
        await Call().RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005");
        await portal.EditModulesAsync(caller, new ModuleChoice(false, ["MD-0002"]));
        await Call().RefusedAsync(HttpStatusCode.Forbidden, "AUTH_004");
    }

    [Fact]
    public async Task TooLargeBody_WithAKey_IsRefusedAsWithoutOne() =>
        await portal.CallAsync(await portal.CreateTokenAsync(), "POST", TokensPath, $$"""{"name":"{{new string('x', 70_000)}}"}""", idempotencyKey: "x")
            .RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "VAL_001");

    private static string NewName() => Guid.CreateVersion7().ToString();

    private static string Wanted(string name) => $$"""{"name":"{{name}}","extension":{"id":"EXT-000"} }""";

    private Task<HttpResponseMessage> CreateAsync(ApiKey caller, string name, string? key) =>
        portal.CallAsync(caller, "POST", TokensPath, Wanted(name), idempotencyKey: key);

    private async Task<int> CountAsync(string name)
    {
        await using var context = await portal.ContextAsync();
        return await context.Tokens.CountAsync(token => token.Name == name, TestContext.Current.CancellationToken);
    }
}
