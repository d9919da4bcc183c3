using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

/// <summary>No key outlives the one that created it, by any route, unless an administrator allowed it.</summary>
public sealed class TokenLifetimeTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    private DateTime End => Now.AddDays(40);

    /// <summary>Times that are too late: a second later, and never.</summary>
    private string[] TooLate => [$"\"{End.AddSeconds(1):O}\"", "\"2090-01-01\"", "null"];

    [Fact]
    public async Task Create_LaterThanTheCaller_IsRefusedAndSaysUntilWhen()
    {
        var caller = await portal.CreateTokenAsync(End);
        foreach (var date in TooLate)
            Assert.Equal(
                $"The key that {caller.Handle} called with ends at {End:yyyy-MM-dd'T'HH:mm:ss}+00:00, and the keys that it creates can't end later. "
                + $"Request an earlier expiration, or ask an administrator to allow {caller.Handle} to create keys that outlive it.",
                await CreateAsync(caller, date).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006"));

        Assert.Equal(End, ExpirationOf(await CreateAsync(caller, $"\"{End:O}\"").JsonAsync(HttpStatusCode.Created)));
    }

    [Fact]
    public async Task Create_WithoutADate_EndsWithTheCaller()
    {
        Assert.Equal(End, ExpirationOf(await CreateAsync(await portal.CreateTokenAsync(End)).JsonAsync(HttpStatusCode.Created)));
        Assert.Null(ExpirationOf(await CreateAsync(await portal.CreateTokenAsync()).JsonAsync(HttpStatusCode.Created)));
    }

    [Fact]
    public async Task Rotate_LaterThanTheCaller_IsRefusedForItselfAndOthers()
    {
        var (caller, other, perpetual) = (await portal.CreateTokenAsync(End), await portal.CreateTokenAsync(Now.AddDays(10)), await portal.CreateTokenAsync());
        foreach (var path in new[] { "self", caller.Handle, other.Handle })
            foreach (var date in TooLate)
                await RotateAsync(caller, path, date).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
        // Its current end is later than the caller's.
        await RotateAsync(caller, perpetual.Handle).RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");

        Assert.True(await portal.IsAcceptedAsync(caller.ToHeaderValue()) && await portal.IsAcceptedAsync(other.ToHeaderValue()) && await portal.IsAcceptedAsync(perpetual.ToHeaderValue()));
        Assert.Equal(Now.AddDays(10), ExpirationOf(await RotateAsync(caller, other.Handle).JsonAsync()));
        Assert.Equal(End, ExpirationOf(await RotateAsync(caller, "self").JsonAsync()));
    }

    [Fact]
    public async Task Renew_LaterThanTheCaller_IsRefusedForItselfAndOthers()
    {
        var (caller, other) = (await portal.CreateTokenAsync(End), await portal.CreateTokenAsync(Now.AddDays(10)));
        foreach (var handle in new[] { caller.Handle, other.Handle })
            await portal.CallAsync(caller, "POST", $"{TokensPath}/{handle}/renew", $$"""{"expiration_date":{{TooLate[0]}}}""").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");

        await portal.CallAsync(caller, "POST", $"{TokensPath}/{other.Handle}/renew", $$"""{"expiration_date":"{{End:O}}"}""").JsonAsync();
    }

    [Fact]
    public async Task Bulk_LaterThanTheCaller_IsRefusedForEach()
    {
        var (caller, other, perpetual) = (await portal.CreateTokenAsync(End), await portal.CreateTokenAsync(Now.AddDays(10)), await portal.CreateTokenAsync());
        foreach (var (action, more) in new[] { ("rotate", ",\"expiration_date\":null"), ("renew", $",\"expiration_date\":{TooLate[0]}"), ("rotate", "") })
        {
            var body = $$"""{"action":"{{action}}","ids":["{{caller.Handle}}","{{other.Handle}}","{{perpetual.Handle}}"]{{more}}}""";
            var results = (await portal.CallAsync(await portal.CreateTokenAsync(Now.AddDays(5)), "POST", $"{TokensPath}/bulk", body).JsonAsync()).GetProperty("results");
            Assert.All(results.EnumerateArray().Where(item => action != "renew" || item.TextOf("id") != perpetual.Handle), item => Assert.Equal("AUTH_006", item.TextOf("error_code")));
        }
    }

    /// <summary>A copied key that ends after an overlap can't be used to get a new one.</summary>
    [Fact]
    public async Task PreviousKey_WhileTwoLive_MakesNothingThatOutlivesIt()
    {
        var old = await portal.CreateTokenAsync();
        var rotated = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Administrator, old.Handle, null, TimeSpan.FromHours(1)));

        await RotateAsync(old, "self").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
        await CreateAsync(old, "null").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
        Assert.Equal(Now.AddHours(1), ExpirationOf(await CreateAsync(old).JsonAsync(HttpStatusCode.Created)));
        Assert.True(await portal.IsAcceptedAsync(rotated.Key!.ToHeaderValue()));
        Assert.Null(ExpirationOf(await RotateAsync(rotated.Key, "self").JsonAsync()));
    }

    [Fact]
    public async Task Child_OfAChild_EndsNoLaterThanTheFirst()
    {
        var key = await portal.CreateTokenAsync(End);
        for (var generation = 0; generation < 3; generation++)
        {
            var child = await CreateAsync(key, permissions: true).JsonAsync(HttpStatusCode.Created);
            Assert.Equal(End, ExpirationOf(child));
            key = KeyOf(child);
            await CreateAsync(key, "null").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
            await RotateAsync(key, "self", "null").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
        }
    }

    [Fact]
    public async Task Overlap_OfARotation_EndsWithTheNewKeyAndTheCaller()
    {
        var (caller, other) = (await portal.CreateTokenAsync(Now.AddDays(5)), await portal.CreateTokenAsync());
        var body = $$"""{"overlap":"P20D","expiration_date":"{{Now.AddDays(2):O}}"}""";

        var token = await portal.CallAsync(caller, "POST", $"{TokensPath}/{other.Handle}/rotate", body).JsonAsync();

        Assert.Equal(Now.AddDays(2), ExpirationOf(token));
        var byPerson = await portal.CreateTokenAsync();
        await portal.Tokens.RotateAsync(portal.Administrator, byPerson.Handle, Now.AddDays(3), TimeSpan.FromDays(20));
        Assert.Equal(Now.AddDays(3), ExpirationOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{byPerson.Handle}").JsonAsync()));
    }

    [Fact]
    public async Task Setting_GivenByAnAdministrator_LiftsTheLimitOfThatTokenAlone()
    {
        var caller = await portal.CreateTokenAsync(End);
        await AllowAsync(caller);

        var child = await CreateAsync(caller, $"\"{End.AddDays(20):O}\"", permissions: true).JsonAsync(HttpStatusCode.Created);
        var childKey = KeyOf(child);
        await CreateAsync(childKey, "null").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_006");
        Assert.Null(ExpirationOf(await RotateAsync(caller, "self", "null").JsonAsync()));
    }

    /// <summary>Its key would let the caller exceed its limit.</summary>
    [Fact]
    public async Task KeyOfATokenThatMayOutlive_IsBeyondOneThatMayNot()
    {
        var (caller, allowed) = (await portal.CreateTokenAsync(End), await portal.CreateTokenAsync(End));
        await AllowAsync(allowed);

        Assert.Contains("may create keys that outlive it", await RotateAsync(caller, allowed.Handle, $"\"{End:O}\"").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005"), StringComparison.Ordinal);
        await portal.CallAsync(caller, "POST", $"{TokensPath}/{allowed.Handle}/renew", $$"""{"expiration_date":"{{End:O}}"}""").RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005");
    }

    [Fact]
    public async Task Setting_SentByAToken_ChangesNothing()
    {
        var caller = await portal.CreateTokenAsync(End);
        await portal.CallAsync(caller, "PATCH", $"{TokensPath}/{caller.Handle}", """{"description":"x","may_outlive":true,"MayOutlive":true}""").JsonAsync();
        var body = $$"""{"name":"{{Guid.CreateVersion7()}}","extension":{"id":"EXT-000"},"may_outlive":true}""";
        var child = await portal.CallAsync(caller, "POST", TokensPath, body).JsonAsync(HttpStatusCode.Created);

        foreach (var handle in new[] { caller.Handle, child.Handle() })
            Assert.False((await DetailsAsync(handle)).MayOutlive);
    }

    [Fact]
    public async Task Create_ByAToken_RecordsWhichAndIsFoundByIt()
    {
        var caller = await portal.CreateTokenAsync();
        var child = await CreateAsync(caller).JsonAsync(HttpStatusCode.Created);

        Assert.Equal((caller.Handle, null), ((await DetailsAsync(child.Handle())).CreatorHandle, (await DetailsAsync(caller.Handle)).CreatorHandle));
        var page = await portal.Services.GetRequiredService<TokenReader>().ListAsync(portal.Administrator, new TokenQuery { CreatedBy = caller.Handle });
        Assert.Equal([child.Handle()], page.Rows.Select(row => row.Handle));
        Assert.Equal(child.Handle(), Assert.Single((await portal.CallAsync(caller, "GET", $"{TokensPath}?events.created.by.id={caller.Handle}").JsonAsync()).EnumerateArray()).Handle());
        // Over the API, only the token itself.
        using var deleted = await portal.CallAsync(await portal.CreateTokenAsync(), "DELETE", $"{TokensPath}/{caller.Handle}");
        Assert.Equal("active", (await portal.CallAsync(await portal.CreateTokenAsync(), "GET", $"{TokensPath}/{child.Handle()}").JsonAsync()).TextOf("status"));
    }

    private async Task AllowAsync(ApiKey key)
    {
        var token = await DetailsAsync(key.Handle);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(
            portal.Administrator, key.Handle, new TokenEdit(token.Name, null, null, token.Choice, MayOutlive: true), token.Version));
    }

    private async Task<TokenDetails> DetailsAsync(string handle) =>
        (await portal.Services.GetRequiredService<TokenReader>().FindAsync(portal.Administrator, handle))!;

    /// <param name="date">JSON; null to send none.</param>
    /// <param name="permissions">Whether the token may create tokens too.</param>
    private Task<HttpResponseMessage> CreateAsync(ApiKey caller, string? date = null, bool permissions = false) => portal.CallAsync(
        caller, "POST", TokensPath,
        $$"""{"name":"{{Guid.CreateVersion7()}}","extension":{"id":"EXT-000"}{{(permissions ? ",\"permissions\":[{\"id\":\"MD-0007\"}]" : "")}}{{(date is null ? "" : $",\"expiration_date\":{date}")}}}""");

    private Task<HttpResponseMessage> RotateAsync(ApiKey caller, string handle, string? date = null) =>
        portal.CallAsync(caller, "POST", $"{TokensPath}/{handle}/rotate", date is null ? null : $$"""{"expiration_date":{{date}}}""");

    private static ApiKey KeyOf(JsonElement token) => ApiKey.TryParse(token.TextOf("token"), out var handle, out var secret)
        ? ApiKey.Restore(handle.ToString(), Encoding.ASCII.GetBytes(secret.ToString()))
        : throw new InvalidOperationException("There is no key.");

    private static DateTime? ExpirationOf(JsonElement token) =>
        token.GetProperty("expiration_date") is { ValueKind: JsonValueKind.String } date ? date.GetDateTimeOffset().UtcDateTime : null;
}
