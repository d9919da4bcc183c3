using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data;

public sealed class CredentialReaderTests
{
    [Fact]
    public async Task Find_TokenRotatedTwiceWithTwoModules_HasEverySecretOnceTheNewestFirst()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(TestTokens.Wanted(modules: [TestTokens.Agreements, TestTokens.Billing]));
        var second = await RotateAsync(portal, first.Handle, null);
        var end = portal.Clock.GetUtcNow().UtcDateTime.AddDays(3);
        var third = await RotateAsync(portal, first.Handle, end);

        var found = await FindAsync(portal, first.Handle);
        Assert.NotNull(found);
        Assert.Equal((first.Handle, "Nightly report", StoredStatus.Active, false, null), (found.Handle, found.Name, found.Status, found.AllModules, found.RateLimit));
        Assert.Equal(TestPortal.Account, found.AccountId);
        Assert.Equal([third.Hash(), second.Hash(), first.Key!.Hash()], found.Secrets.Select(secret => secret.Hash));
        Assert.Equal((end, DateTimeKind.Utc), (found.Secrets[0].EndsAt, found.Secrets[0].EndsAt!.Value.Kind));
        Assert.Equal([TestTokens.Agreements, TestTokens.Billing], found.ModuleIds.Order());
    }

    [Fact]
    public async Task Find_ChangedSinceItWasReadLast_IsAsItIsNow()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        Assert.Equal(StoredStatus.Active, (await FindAsync(portal, handle))?.Status);
        await portal.Tokens.DisableAsync(portal.Operator, handle);
        Assert.Equal(StoredStatus.Inactive, (await FindAsync(portal, handle))?.Status);
    }

    [Fact]
    public async Task Find_HandleThatNoTokenHas_IsNull()
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.Null(await FindAsync(portal, "SU-000-000-000"));
        Assert.Null(await FindAsync(portal, "x' OR 1=1 --"));
    }

    [Fact]
    public async Task Find_ByManyAtOnce_EachGetsWhatItAskedFor()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = new List<string>();
        for (var i = 0; i < 20; i++)
            handles.Add((await portal.CreateAsync(name: $"Report {i}")).Handle);
        var reader = portal.Services.GetRequiredService<ICredentialReader>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), async (i, cancellation) =>
            Assert.Equal($"Report {i % 20}", (await reader.FindAsync(handles[i % 20], cancellation))?.Name));
    }

    private static async Task<ApiKey> RotateAsync(TestPortal portal, string handle, DateTime? expiresAt) =>
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.RotateAsync(portal.Operator, handle, expiresAt)).Key!;

    private static async Task<StoredCredential?> FindAsync(TestPortal portal, string handle) =>
        await portal.Services.GetRequiredService<ICredentialReader>().FindAsync(handle, TestContext.Current.CancellationToken);
}
