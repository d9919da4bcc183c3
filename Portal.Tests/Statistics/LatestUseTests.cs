using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>"Last used" never goes back, and "Safe to end" is correct.</summary>
public sealed class LatestUseTests
{
    private const string Module = "MD-0002";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Count_EarlierUseComesLater_TheLatestStays(bool flushBetween)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());

        foreach (var (seconds, address) in new[] { (2, "192.0.2.2"), (3, "192.0.2.3"), (1, "192.0.2.1") })
        {
            counters.Count(
                new CountKey(1, DateOnly.FromDateTime(portal.Now), Module, 200, ""), new Use(1, portal.Now.AddSeconds(seconds), IPAddress.Parse(address), Module));
            if (flushBetween)
                Assert.True(await writer.FlushAsync(TestContext.Current.CancellationToken));
        }

        Assert.True(await writer.FlushAsync(TestContext.Current.CancellationToken));
        var (details, latest) = (await portal.DetailsAsync(handle), portal.Now.AddSeconds(3));
        Assert.Equal((latest, "192.0.2.3"), (details.LastUse!.At, details.LastUse.Address));
        Assert.Equal(latest, details.LiveSecrets.Single().LastUsedAt);
        await using var context = await portal.OpenAsync();
        Assert.Equal(latest, (await context.ModuleUses.SingleAsync(TestContext.Current.CancellationToken)).LastUsedAt);
    }

    /// <summary>Also on the way to the database, where waiting counts are combined.</summary>
    [Fact]
    public void Take_EarlierUseIsTakenLater_TheLatestStays()
    {
        var (counters, batch, day) = (new RequestCounters(), new CountBatch(), new DateTime(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc));
        foreach (var seconds in new[] { 2, 3, 1 })
        {
            counters.Count(new CountKey(1, DateOnly.FromDateTime(day), Module, 200, ""), new Use(1, day.AddSeconds(seconds), IPAddress.Loopback, Module));
            counters.TakeInto(batch);
        }

        Assert.Equal(day.AddSeconds(3), batch.Find(1)!.Uses.Single().At);
    }

    [Fact]
    public async Task Rotate_WhileALongRequestGoesOnWithTheOldKey_ItIsNotSafeToEnd()
    {
        await using var portal = new PortalHost("Development", configure: builder => builder.ConfigureServices(
            services => services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null)));
        await portal.InitializeAsync();
        var key = await portal.CreateTokenAsync();
        var (cancellation, writer) = (TestContext.Current.CancellationToken, portal.Services.GetRequiredService<CountWriter>());
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/public/v1/auth/tokens") { Content = new EndlessContent() };
        upload.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        upload.Content.Headers.ContentType = new("application/json");
        var answer = portal.Client.SendAsync(upload, cancellation);
        await ((EndlessContent)upload.Content).Begun.Task.WaitAsync(cancellation);
        while (portal.Services.GetRequiredService<OngoingRequests>().Count == 0)
            await Task.Yield();
        portal.Clock.Advance(TimeSpan.FromMinutes(5));

        var changed = Assert.IsType<Portal.Tokens.TokenOutcome.Done>(
            await portal.Tokens.RotateAsync(portal.Administrator, key.Handle, null, TimeSpan.FromHours(1), cancellation: cancellation));
        (await portal.SendAsync(changed.Key!, "/public/v1/agreements")).Dispose();
        portal.Clock.Advance(TimeSpan.FromSeconds(10));
        await writer.FlushAsync(cancellation);
        var during = await DetailsAsync();
        Assert.Equal(portal.Clock.GetUtcNow().UtcDateTime, during.LiveSecrets[1].LastUsedAt);
        Assert.False(during.IsPreviousSafeToEnd);

        portal.Clock.Advance(TimeSpan.FromSeconds(30));
        ((EndlessContent)upload.Content).End.SetResult();
        (await answer).Dispose();
        await writer.FlushAsync(cancellation);
        Assert.Equal(portal.Clock.GetUtcNow().UtcDateTime, (await DetailsAsync()).LiveSecrets[1].LastUsedAt);

        async Task<Portal.Tokens.Reading.TokenDetails> DetailsAsync() =>
            (await portal.Services.GetRequiredService<Portal.Tokens.Reading.TokenReader>().FindAsync(portal.Administrator, key.Handle, cancellation))!;
    }

    /// <summary>A body that starts, and ends on request.</summary>
    private sealed class EndlessContent : HttpContent
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("[  "u8.ToArray());
            await stream.FlushAsync();
            Begun.SetResult();
            await End.Task;
            await stream.WriteAsync("]"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
