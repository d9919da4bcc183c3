using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Authentication;

/// <summary>Every request with a valid secret is counted once, by its result; no other request is counted.</summary>
public sealed class ApiKeyMiddlewareCountTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Agreements = "/public/v1/agreements";

    private string Today => portal.Clock.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Requests_OfEveryKind_AreCountedByDayModuleStatusAndReason()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002", "MD-0003");
        for (var i = 0; i < 3; i++)
            await SendAsync(key, Agreements);
        await SendAsync(key, "/public/v1/forms/");
        await SendAsync(key, Agreements, HttpMethod.Head);
        await SendAsync(key, Agreements + "?limit=x");
        await SendAsync(key, Agreements + "/AGR-0");
        await SendAsync(key, Agreements, HttpMethod.Post);
        await SendAsync(key, "/public/v1/billing");
        await SendAsync(key, "/public/v1/contracts");
        await SendAsync(key, "/public/v1/nowhere");
        await SendAsync(key, "/public/v1/accounts");
        await SendAsync(key, "/public/v1/accounts", HttpMethod.Post);
        await SendAsync(key, "/public/v1/accounts/other");
        await portal.DisableAsync(key);
        await SendAsync(key, Agreements);
        await SendAsync(key, "/public/v1/nowhere");

        Assert.Equal(
            [
                $"{Today} - 200 - 1",
                $"{Today} - 401 AUTH_002 1",
                $"{Today} - 404 - 1",
                $"{Today} - 404 NFND_001 1",
                $"{Today} - 405 - 1",
                $"{Today} MD-0002 200 - 5",
                $"{Today} MD-0002 400 - 1",
                $"{Today} MD-0002 401 AUTH_002 1",
                $"{Today} MD-0002 404 - 1",
                $"{Today} MD-0002 405 - 1",
                $"{Today} MD-0003 200 - 1",
                $"{Today} MD-0004 403 AUTH_004 1",
            ],
            await portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task WrongSecret_IsNotCounted()
    {
        var key = await portal.CreateTokenAsync();
        using var response = await portal.SendAsync($"ApiKey {key.Handle}:{new string('0', 40)}", Agreements);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(await portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task RetiredKey_IsCountedAsRetiredAndIsNoUse()
    {
        var key = await portal.CreateTokenAsync();
        await portal.RotateAsync(key);
        await SendAsync(key, Agreements);
        await SendAsync(key, "/public/v1/nowhere");
        Assert.Equal([$"{Today} - 401 RETIRED 1", $"{Today} MD-0002 401 RETIRED 1"], await portal.CountsAsync(key.Handle));
        Assert.Null((await DetailsAsync(key)).LastUse);
        Assert.Equal(0, (await DetailsAsync(key)).LiveSecrets.Single().RequestsToday);
    }

    [Fact]
    public async Task Requests_AreAmongTheRecentOnesWithReasonKeyAndTheIdThatTheClientGot()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        await SendAsync(key, Agreements);
        using var forbidden = await portal.SendAsync(key.ToHeaderValue(), "/public/v1/billing");
        await portal.RotateAsync(key);
        using var retired = await portal.SendAsync(key.ToHeaderValue(), Agreements);
        await portal.CountsAsync(key.Handle);

        var recent = await portal.Services.GetRequiredService<StatisticsReader>().ReadRecentAsync(portal.Administrator, key.Handle, TestContext.Current.CancellationToken);

        Assert.Equal(
            [(401, CountReason.RetiredKey, "MD-0002", await IdOfAsync(retired)), (403, "AUTH_004", "MD-0003", await IdOfAsync(forbidden)), (200, "", "MD-0002", null)],
            recent.OrderByDescending(request => request.StatusCode == 401).ThenByDescending(request => request.StatusCode)
                .Select(request => (request.StatusCode, request.Reason, request.ModuleId, request.RequestId)));
        Assert.Single(recent.Select(request => request.SecretId).Distinct());
        Assert.All(recent, request => Assert.NotNull(request.Duration));
    }

    private static async Task<string?> IdOfAsync(HttpResponseMessage response) =>
        System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("request_id").GetString();

    [Fact]
    public async Task Requests_AroundMidnight_AreCountedForTheirDay()
    {
        var key = await portal.CreateTokenAsync();
        var midnight = portal.Clock.GetUtcNow().UtcDateTime.Date.AddDays(1);
        portal.Clock.SetUtcNow(new DateTimeOffset(midnight.AddTicks(-1)));
        var before = Today;
        await SendAsync(key, Agreements);
        portal.Clock.Advance(TimeSpan.FromTicks(1));
        await SendAsync(key, Agreements);
        Assert.NotEqual(before, Today);
        Assert.Equal([$"{before} MD-0002 200 - 1", $"{Today} MD-0002 200 - 1"], await portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task LastUse_IsThatOfTheLatestRequest()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0002");
        await SendAsync(key, Agreements);
        await portal.CountsAsync(key.Handle);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var refusedAt = portal.Clock.GetUtcNow().UtcDateTime;
        await SendAsync(key, "/public/v1/billing");
        await portal.CountsAsync(key.Handle);

        var details = await DetailsAsync(key);
        Assert.Equal(new LastUse(refusedAt, "127.0.0.1", null), details.LastUse);
        Assert.Equal(refusedAt, Assert.Single(details.LiveSecrets).LastUsedAt);
        Assert.Equal(refusedAt.AddMinutes(-1), Assert.Single(details.Permissions, it => it.ModuleId == "MD-0002").LastUsedAt);
        Assert.Null(Assert.Single(details.Permissions, it => it.ModuleId == "MD-0003").LastUsedAt);
    }

    [Fact]
    public async Task LastUse_OfTwoLivingKeys_IsKeptApart()
    {
        var first = await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(1));
        var second = await portal.RenewAsync(first, portal.Clock.GetUtcNow().UtcDateTime.AddDays(9));
        await SendAsync(second, Agreements);
        await portal.CountsAsync(first.Handle);
        var secrets = (await DetailsAsync(first)).LiveSecrets;
        Assert.NotNull(Assert.Single(secrets, it => it.Slot == KeySlot.Newest).LastUsedAt);
        Assert.Null(Assert.Single(secrets, it => it.Slot == KeySlot.Previous).LastUsedAt);
    }

    [Fact]
    public async Task ManyAtOnce_EachIsCountedOnce()
    {
        const int clients = 16, each = 50;
        var key = await portal.CreateTokenAsync();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
                await SendAsync(key, Agreements);
        })));
        Assert.Equal([$"{Today} MD-0002 200 - {clients * each}"], await portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task DatabaseLocked_RequestsAreServedAndCountedLater()
    {
        var key = await portal.CreateTokenAsync();
        await SendAsync(key, Agreements);
        await using (await OtherProgram.LockAsync(portal.Folder))
            for (var i = 0; i < 20; i++)
                await SendAsync(key, Agreements);

        Assert.Equal([$"{Today} MD-0002 200 - 21"], await portal.CountsAsync(key.Handle));
    }

    private async Task SendAsync(ApiKey key, string path, HttpMethod? method = null) => (await portal.SendAsync(key, path, method)).Dispose();

    private async Task<TokenDetails> DetailsAsync(ApiKey key) =>
        (await portal.Services.GetRequiredService<TokenReader>().FindAsync(portal.Administrator, key.Handle))!;
}
