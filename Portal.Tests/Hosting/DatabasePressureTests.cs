using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>Another program locks the database while people and programs change tokens.</summary>
public sealed class DatabasePressureTests
{
    private const int Changes = 60;

    /// <summary>Twenty seconds in a real Portal.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(6);

    /// <summary>For responses that take milliseconds each. With a blocked thread for every change, they would take half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Lock_WhileSixtyChangesWait_OthersAreAnsweredAndTheChangesSayWhy()
    {
        await using var portal = new PortalHost("Development", configure: builder => builder.ConfigureServices(
            services => services.Configure<WriteQueueOptions>(limits => limits.LongestWait = LongestWait)));
        await portal.InitializeAsync();
        var (caller, target) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        await portal.SendAsync(caller, "/public/v1/agreements").StatusAsync(HttpStatusCode.OK);
        var queue = portal.Services.GetRequiredService<WriteQueue>();

        await using (await OtherProgram.LockAsync(portal.Folder))
        {
            var changes = Enumerable.Range(0, Changes)
                .Select(_ => portal.CallAsync(caller, "POST", $"{ApiCalls.TokensPath}/{target.Handle}/deactivate")).ToList();
            await UntilAsync(() => queue.Waiting >= Changes - 1);
            for (var i = 0; i < 5; i++)
            {
                await portal.Client.GetAsync("/health/live").StatusAsync(HttpStatusCode.OK);
                await portal.SendAsync(caller, "/public/v1/agreements").StatusAsync(HttpStatusCode.OK);
                await portal.CallAsync(caller, "GET", ApiCalls.TokensPath).StatusAsync(HttpStatusCode.OK);
            }

            // None of them failed because of that.
            Assert.DoesNotContain(changes, change => change.IsCompleted);
            foreach (var change in changes)
            {
                using var answer = await change;
                Assert.Equal("10", answer.Headers.GetValues("Retry-After").Single());
                Assert.StartsWith(
                    "Another program has locked Portal's database", await ErrorBody.AssertAsync(answer, HttpStatusCode.ServiceUnavailable, "DB_001"), StringComparison.Ordinal);
            }

            using var ready = await portal.Client.GetAsync("/health/ready");
            Assert.StartsWith("Degraded\n", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain("Error: POST", portal.Log.Text, StringComparison.Ordinal);
        }

        await portal.CallAsync(caller, "POST", $"{ApiCalls.TokensPath}/{target.Handle}/deactivate").StatusAsync(HttpStatusCode.OK);
        await UntilAsync(() => queue.Fault is null);
        Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task Changes_OfOneTokenByManyAtOnce_AreAllDone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(TestTokens.Wanted())).Handle;
        var modules = portal.Catalog.Modules.Select(module => module.Id).ToList();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            i % 2 == 0 ? portal.Tokens.GrantAsync(portal.Operator, handle, modules[i / 2 % modules.Count]) : portal.Tokens.RotateAsync(portal.Operator, handle, null))));

        Assert.All(outcomes, outcome => Assert.IsType<Portal.Tokens.TokenOutcome.Done>(outcome));
    }

    [Fact]
    public async Task Reads_ThatHang_HoldABoundedNumberOfThreads()
    {
        var disk = new HangingDisk();
        await using var portal = new PortalHost("Development", configure: builder => builder.ConfigureServices(
            services => services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(disk), ServiceLifetime.Singleton)));
        await portal.InitializeAsync();
        var caller = await portal.CreateTokenAsync();
        await portal.SendAsync(caller, "/public/v1/agreements").StatusAsync(HttpStatusCode.OK);

        disk.Hang();
        var lists = Enumerable.Range(0, 40).Select(_ => portal.CallAsync(caller, "GET", ApiCalls.TokensPath)).ToList();
        await UntilAsync(() => disk.Hanging == ReadLimiter.MostAtOnce);
        for (var i = 0; i < 5; i++)
        {
            await portal.Client.GetAsync("/health/live").StatusAsync(HttpStatusCode.OK);
            await portal.SendAsync(caller, "/public/v1/agreements").StatusAsync(HttpStatusCode.OK);
        }

        Assert.Equal(ReadLimiter.MostAtOnce, disk.Hanging);
        disk.Go();
        foreach (var list in lists)
            await list.StatusAsync(HttpStatusCode.OK);
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        for (var start = Stopwatch.GetTimestamp(); !done(); await Task.Yield())
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "It did not come to pass.");
    }
}

/// <summary>Simulates a disk that doesn't respond: a read blocks its thread.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The process ends with it.")]
file sealed class HangingDisk : DbCommandInterceptor
{
    private readonly ManualResetEventSlim _goes = new(initialState: true);
    private int _hanging;

    public int Hanging => Volatile.Read(ref _hanging);

    public void Hang() => _goes.Reset();

    public void Go() => _goes.Set();

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _hanging);
        _goes.Wait(CancellationToken.None);
        Interlocked.Decrement(ref _hanging);
        return new(result);
    }
}

file static class Answers
{
    public static async Task StatusAsync(this Task<HttpResponseMessage> call, HttpStatusCode expected)
    {
        using var answer = await call;
        Assert.Equal(expected, answer.StatusCode);
    }
}
