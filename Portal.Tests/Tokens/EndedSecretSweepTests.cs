using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>The encrypted copy of a secret is removed when the secret ends, for any reason.</summary>
public sealed class EndedSecretSweepTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A change to a token that ends in 90 days; whether it ends by itself, when a sweep is due; and its secrets in order of age: stored (S)
    /// or removed (-).</summary>
    public static TheoryData<string, bool, string> Endings => new()
    {
        { "nothing", true, "S" },
        { "disable", true, "S" },
        { "rotate", false, "-S" },
        { "rotate with overlap", true, "SS" },
        { "rotate with overlap, wait", true, "-S" },
        { "rotate with overlap, end", false, "-S" },
        { "rotate with overlap, rotate", false, "--S" },
        { "renew", true, "SS" },
        { "renew, expire", true, "-S" },
        { "renew, rotate", false, "--S" },
        { "expire", true, "-" },
        { "expire, renew", false, "-S" },
        { "disable, expire", true, "-" },
        { "delete", false, "-" },
        { "rotate with overlap, delete", false, "--" },
        { "renew, disable, delete", false, "--" },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Copy_OfASecretThatEnds_IsRemoved(string steps, bool sweep, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        foreach (var step in steps.Split(", "))
            await DoAsync(portal, handle, step);
        if (sweep)
            await SweepAsync(portal);

        await using var context = await portal.OpenAsync();
        var secrets = await context.TokenSecrets.OrderBy(secret => secret.Id).ToListAsync();
        Assert.Equal(expected, string.Concat(secrets.Select(secret => secret.Protected is null ? '-' : 'S')));
        Assert.All(secrets, secret => Assert.Equal(secret.Protected is null, secret.EndedAt is not null));
    }

    [Fact]
    public async Task Sweep_ManyAtOnce_EndsAllThatAreDueAndTellsWhatComesNext()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(days: 2);
        await portal.CreateAsync(days: null, name: "Perpetual");
        var many = EndedSecretSweep.RowsAtOnce + 1;
        await portal.ExecuteAsync(
            $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
            INSERT INTO TokenSecrets (TokenId, Hash, Protected, CreatedAt, EndsAt, UsedCount) SELECT 1, x'00', x'01', '2030-01-01', '2030-01-15 12:30:00', 0 FROM n
            """);
        Assert.Equal(new DateTime(2030, 1, 15, 12, 30, 0, DateTimeKind.Utc), await SweepAsync(portal));
        portal.Clock.Advance(Hour);
        Assert.Equal(TestPortal.Start.AddDays(2), await SweepAsync(portal));
        await using var context = await portal.OpenAsync();
        Assert.Equal(many, await context.TokenSecrets.CountAsync(secret => secret.Protected == null));
        portal.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Null(await SweepAsync(portal));
    }

    /// <summary>The service sweeps automatically at the end of a secret.</summary>
    [Fact]
    public async Task Start_ServiceThatRuns_RemovesTheCopyWhenItIsDue()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var waits = WaitsOf(portal.Services.GetRequiredService<EndedSecretSweep>());
        var handle = (await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddHours(3))).Handle;
        var start = portal.Clock.GetUtcNow();
        // Longer than the pause that the service may have started with before this test listened.
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        while (await StoredAsync() > 0 && portal.Clock.GetUtcNow() - start < TimeSpan.FromHours(12))
            await PassAsync(portal.Clock, waits);
        Assert.InRange(portal.Clock.GetUtcNow() - start, TimeSpan.FromHours(3), TimeSpan.FromHours(3) + TimeSpan.FromSeconds(2));

        async Task<int> StoredAsync()
        {
            await using var context = await portal.ContextAsync();
            return await context.TokenSecrets.CountAsync(
                secret => secret.Protected != null && context.Tokens.Any(token => token.Id == secret.TokenId && token.Handle == handle), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task RemoveCopies_KeysAreShownOnceFromNowOn_RemovesThoseOfBefore()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        await using (var before = await TestPortal.CreateAsync(directory))
            for (var i = 0; i < 3; i++)
                await before.CreateAsync(name: $"Token {i}");
        await using (var portal = await TestPortal.CreateAsync(directory, new() { ["Tokens:Reveal"] = "Once" }))
        {
            await portal.Services.GetRequiredService<EndedSecretSweep>().RemoveCopiesAsync(TestContext.Current.CancellationToken);
            await using var context = await portal.OpenAsync();
            Assert.Equal(3, await context.TokenSecrets.CountAsync(secret => secret.Protected == null && secret.EndedAt == null));
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Start_KeysAreShownOnceFromNowOn_RemovesTheCopiesByItself()
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        await using (var before = await TestPortal.CreateAsync(directory))
            await before.CreateAsync();
        await using (var portal = await TestPortal.CreateAsync(directory, new() { ["Tokens:Reveal"] = "Once" }))
        {
            var sweep = portal.Services.GetRequiredService<EndedSecretSweep>();
            await sweep.StartAsync(TestContext.Current.CancellationToken);
            for (var since = Stopwatch.GetTimestamp(); await CopiesAsync(portal) > 0 && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10);)
                await Task.Yield();
            Assert.Equal(0, await CopiesAsync(portal));
            await sweep.StopAsync(TestContext.Current.CancellationToken);
        }

        Directory.Delete(directory, recursive: true);
    }

    /// <summary>The service waits for a distant end when a change creates an earlier one.</summary>
    [Fact]
    public async Task Change_BringsAnEarlierEnd_IsNotWaitedForAnHour()
    {
        await using var portal = await TestPortal.CreateAsync();
        var sweep = portal.Services.GetRequiredService<EndedSecretSweep>();
        var handle = (await portal.CreateAsync()).Handle;
        var waits = WaitsOf(sweep);
        await sweep.StartAsync(TestContext.Current.CancellationToken);
        // The pause after the first sweep, then the wait for the distant end.
        await PassAsync(portal.Clock, waits);
        await waits.ReadAsync(TestContext.Current.CancellationToken);

        await portal.Tokens.RotateAsync(portal.Operator, handle, null, TimeSpan.FromMinutes(10));
        var due = portal.Now.AddMinutes(10);
        while (await CopiesAsync(portal) > 1 && portal.Now < due.AddHours(1))
            await PassAsync(portal.Clock, waits);

        Assert.InRange(portal.Now, due, due.AddSeconds(2));
        Assert.Equal(1, await CopiesAsync(portal));
        await sweep.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The file doesn't contain the bytes in unused space either. A new key might overwrite the old one by chance; after a deletion nothing
    /// does.</summary>
    [SqliteOnly]
    [Theory]
    [InlineData("rotate")]
    [InlineData("delete")]
    public async Task Copy_OnceRemoved_IsNowhereInTheDatabaseFile(string step)
    {
        var directory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        byte[][] copies;
        await using (var portal = await TestPortal.CreateAsync(directory))
        {
            var handles = new List<string>();
            for (var i = 0; i < 5; i++)
                handles.Add((await portal.CreateAsync(name: $"Token {i}")).Handle);
            await using (var context = await portal.OpenAsync())
                copies = await context.TokenSecrets.Select(secret => secret.Protected!).ToArrayAsync();
            await portal.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            Assert.All(copies, copy => Assert.True(Holds(directory, copy)));
            foreach (var handle in handles)
                await DoAsync(portal, handle, step);
        }

        Assert.DoesNotContain(copies, copy => Holds(directory, copy));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Reveal_KeyThatHasEnded_SaysSoWhetherOrNotTheCopyIsStillThere()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        portal.Clock.Advance(TimeSpan.FromDays(90));
        for (var sweep = 0; sweep < 2; sweep++)
        {
            var outcome = await portal.Tokens.RevealAsync(portal.Operator, handle, KeySlot.Newest, AuditAction.KeyViewed);
            Assert.StartsWith("This key has ended", Assert.IsType<RevealOutcome.Unavailable>(outcome).Message, StringComparison.Ordinal);
            await SweepAsync(portal);
        }
    }

    private static ChannelReader<DateTime> WaitsOf(EndedSecretSweep sweep)
    {
        var waits = Channel.CreateUnbounded<DateTime>();
        sweep.Waiting += until => waits.Writer.TryWrite(until);
        return waits.Reader;
    }

    /// <summary>Advances the clock by the time for which the service waits next.</summary>
    private static async Task PassAsync(FakeTimeProvider clock, ChannelReader<DateTime> waits)
    {
        var wait = await waits.ReadAsync(TestContext.Current.CancellationToken) - clock.GetUtcNow().UtcDateTime;
        if (wait > TimeSpan.Zero)
            clock.Advance(wait);
    }

    private static async Task<int> CopiesAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.TokenSecrets.CountAsync(secret => secret.Protected != null, TestContext.Current.CancellationToken);
    }

    private static bool Holds(string directory, byte[] bytes) =>
        File.ReadAllBytes(Path.Combine(directory, "portal.db")).AsSpan().IndexOf(bytes.AsSpan()[^32..]) >= 0;

    private static async Task DoAsync(TestPortal portal, string handle, string step)
    {
        switch (step)
        {
            case "rotate":
                await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now.AddDays(90));
                break;
            case "rotate with overlap":
                await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now.AddDays(90), Hour);
                break;
            case "renew":
                await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(200));
                break;
            case "end":
                await portal.Tokens.EndPreviousAsync(portal.Operator, handle);
                break;
            case "disable":
                await portal.Tokens.DisableAsync(portal.Operator, handle);
                break;
            case "delete":
                await portal.Tokens.DeleteAsync(portal.Administrator, handle);
                break;
            case "wait":
                portal.Clock.Advance(Hour);
                break;
            case "expire":
                portal.Clock.Advance(TimeSpan.FromDays(90));
                break;
        }
    }

    private static Task<DateTime?> SweepAsync(TestPortal portal) =>
        portal.Services.GetRequiredService<EndedSecretSweep>().SweepAsync(TestContext.Current.CancellationToken);
}
