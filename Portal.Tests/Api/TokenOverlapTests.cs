using Portal.Tests.Support;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

public sealed class TokenOverlapTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private DateTime Now => portal.Clock.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task Rotate_WithOverlap_AnswersAsForTwoLiveKeys()
    {
        await using var own = new PortalHost();
        await own.InitializeAsync();
        var (caller, key) = (await own.CreateTokenAsync(), await own.CreateTokenAsync());

        var token = await own.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", """{"overlap":"PT24H","expiration_date":"2027-03-01T00:00:00Z"}""").JsonAsync();

        Assert.Equal(
            ("revitalised", "2026-11-25T10:00:00+00:00", "2027-03-01T00:00:00+00:00"),
            (token.TextOf("status"), token.TextOf("expiration_date"), token.TextOf("renewed_expiration_date")));
        Assert.False(token.TryGetProperty("token", out _));
        Assert.True(await own.IsAcceptedAsync(token.TextOf("renewed_token")) && await own.IsAcceptedAsync(key.ToHeaderValue()));
        own.Clock.Advance(TimeSpan.FromHours(24));
        Assert.True(await own.IsAcceptedAsync(token.TextOf("renewed_token")));
        Assert.False(await own.IsAcceptedAsync(key.ToHeaderValue()));
        var later = await own.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync();
        Assert.Equal(("active", "2027-03-01T00:00:00+00:00", null), (later.TextOf("status"), later.TextOf("expiration_date"), later.TextOf("renewed_expiration_date")));
    }

    [Fact]
    public async Task Rotate_OverlapBeyondTheKeysOwnEnd_SaysWhenItEnds()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(Now.AddHours(3)));

        var token = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", """{"overlap":"P1W","expiration_date":null}""").JsonAsync();

        Assert.Equal(Now.AddHours(3), token.GetProperty("expiration_date").GetDateTimeOffset().UtcDateTime);
        Assert.Null(token.TextOf("renewed_expiration_date"));
        Assert.Equal("revitalised", token.TextOf("status"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"PT0S\"")]
    public async Task Rotate_NoOverlap_EndsThePresentKey(string overlap)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());

        var token = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", $$"""{"overlap":{{overlap}}}""").JsonAsync();

        Assert.True(await portal.IsAcceptedAsync(token.TextOf("token")));
        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
    }

    [Theory]
    [InlineData("\"P1M\"", "overlap: must be a duration such as PT24H, P7D or P1DT12H: whole weeks, or whole days, hours, minutes and seconds.")]
    [InlineData("\"-PT1H\"", "overlap: must be a duration such as PT24H, P7D or P1DT12H: whole weeks, or whole days, hours, minutes and seconds.")]
    [InlineData("3600", "overlap: must be a text or null.")]
    [InlineData("\"P30DT1S\"", "overlap: The overlap can be 30 days at most.")]
    public async Task Rotate_BadOverlap_ChangesNothing(string overlap, string expected)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        Assert.Equal(expected, await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", $$"""{"overlap":{{overlap}}}""").InvalidAsync());
        Assert.Equal("active", (await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()).TextOf("status"));
    }

    [Fact]
    public async Task RotateSelf_WithOverlap_BothKeysWorkUntilTheTokenEndsThePrevious()
    {
        var key = await portal.CreateTokenAsync();

        var token = await portal.CallAsync(key, "POST", $"{TokensPath}/self/rotate", """{"overlap":"PT1H"}""").JsonAsync();
        var next = token.TextOf("renewed_token").ToApiKey();
        Assert.True(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        var ended = await portal.CallAsync(next, "POST", $"{TokensPath}/self/end-previous").JsonAsync();

        Assert.Equal(("active", null, null), (ended.TextOf("status"), ended.TextOf("expiration_date"), ended.TextOf("renewed_expiration_date")));
        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.True(await portal.IsAcceptedAsync(next.ToHeaderValue()));
    }

    [Fact]
    public async Task EndPrevious_EndsOnlyThatKeyAndCanBeAskedAgain()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        var next = (await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/rotate", """{"overlap":"P1D"}""").JsonAsync()).TextOf("renewed_token");

        for (var time = 0; time < 2; time++)
            Assert.Equal("active", (await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/end-previous/").JsonAsync()).TextOf("status"));

        Assert.False(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        Assert.True(await portal.IsAcceptedAsync(next));
        await portal.CallAsync(caller, "POST", $"{TokensPath}/SU-000-000-000/end-previous").RefusedAsync(System.Net.HttpStatusCode.NotFound, "NFND_001");
    }

    [Fact]
    public async Task EndPrevious_OfATokenBeyondTheCallersModules_IsForbidden()
    {
        var (caller, key) = (await portal.CreateTokenAsync(null, "MD-0007"), await portal.CreateTokenAsync(null, "MD-0002"));
        await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/end-previous").RefusedAsync(System.Net.HttpStatusCode.Forbidden, "AUTH_005");
    }
}
