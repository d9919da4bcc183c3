using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Webhooks;

namespace Portal.Tests.Webhooks;

/// <summary>Nothing is lost when a process ends at any point, and several processes don't disturb each other.</summary>
public sealed class WebhookDurabilityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliver_ProcessEndsAtAnyPoint_LosesNothingAndKeepsTheOrder()
    {
        var crashes = new CrashPoints();
        await using var receiver = await TestReceiver.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local, services: crashes.Register);
        await portal.AddEndpointAsync(receiver.Url);
        var expected = new List<(string Handle, string Type)>();
        for (var round = 0; round < 20; round++)
        {
            // Of two tokens, so that several messages are on their way.
            foreach (var number in Enumerable.Range(0, 2))
                expected.Add(((await portal.CreateAsync(name: $"Token {round}.{number}")).Handle, "token.created"));
            foreach (var (handle, _) in expected.TakeLast(2).ToList())
            {
                await portal.Tokens.DisableAsync(portal.Operator, handle, cancellation: Cancellation);
                expected.Add((handle, "token.disabled"));
            }

            crashes.CrashAt(round % 10);
            await Record.ExceptionAsync(portal.DeliverAsync);
            crashes.Restart();
            portal.Clock.Advance(WebhookSender.ClaimTime);
        }

        await portal.DeliverAsync();

        Assert.All(await portal.DeliveriesAsync(), delivery => Assert.Equal(DeliveryState.Delivered, delivery.State));
        // The first arrival of each message: nothing is missing, nothing has two messages, and each token's messages are in order.
        var arrived = receiver.Messages.DistinctBy(message => message.Id).Select(message => (message.Handle, message.Type)).ToList();
        Assert.Equal(expected.Order(), arrived.Order());
        Assert.All(arrived.GroupBy(message => message.Handle), token => Assert.Equal(["token.created", "token.disabled"], token.Select(message => message.Type)));
        // Only what was on its way when the process ended is repeated.
        Assert.InRange(receiver.Messages.Count - arrived.Count, 1, 20 * WebhookSender.MostAtOnce);
    }

    [Fact]
    public async Task Dispatch_TwoProcessesAtOnce_AddEachDeliveryOnce()
    {
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local);
        await portal.AddEndpointAsync("http://127.0.0.1:1/");
        await portal.AddEndpointAsync("http://127.0.0.1:2/");
        await using (var context = await portal.OpenAsync())
        {
            for (var i = 0; i < WebhookDispatcher.EntriesAtOnce + 20; i++)
                portal.Services.GetRequiredService<AuditLog>().Add(context, portal.Operator, AuditAction.TokenCreated, $"SU-000-000-{i:000}", $"Token {i}");
            await context.SaveChangesAsync(Cancellation);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Dispatcher(portal).DispatchAsync(Cancellation), Cancellation)));

        var deliveries = await portal.DeliveriesAsync();
        Assert.Equal(2 * (WebhookDispatcher.EntriesAtOnce + 20), deliveries.Count);
        Assert.Equal(deliveries.Count, deliveries.Select(delivery => (delivery.EndpointId, delivery.TargetId)).Distinct().Count());
    }

    /// <summary>As on PostgreSQL, where an upkeep write can get its ID before and commit after another one.</summary>
    [Fact]
    public async Task Dispatch_EntryThatAppearsAfterALaterOne_IsNotLost()
    {
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local);
        await portal.AddEndpointAsync("http://127.0.0.1:1/");
        await portal.ExecuteAsync(AuditTriggers.Off);
        await portal.DispatchAsync();
        var newest = (await portal.AuditAsync())[^1].Id;
        async Task AddAsync(long id)
        {
            await using var context = await portal.OpenAsync();
            context.AuditEntries.Add(new AuditEntry
            {
                Id = id, AccountId = TestPortal.Account, At = portal.Now, ActorId = "portal", ActorName = "Portal", ActorKind = "system", Action = AuditAction.TokenCreated,
                TargetId = $"SU-000-000-{id:000}", TargetName = "A token",
            });
            await context.SaveChangesAsync(Cancellation);
        }

        await AddAsync(newest + 2);
        Assert.Equal(0, await portal.DispatchAsync());
        await AddAsync(newest + 1);
        Assert.Equal(2, await portal.DispatchAsync());

        await AddAsync(newest + 4);
        portal.Clock.Advance(WebhookDispatcher.GapTime);
        Assert.Equal(1, await portal.DispatchAsync());
        Assert.Equal([newest + 1, newest + 2, newest + 4], (await portal.DeliveriesAsync()).Select(delivery => long.Parse(delivery.TargetId[^3..], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Send_TwoProcessesAtOnce_SendEachDeliveryOnce()
    {
        await using var receiver = await TestReceiver.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local);
        await portal.AddEndpointAsync(receiver.Url);
        for (var i = 0; i < 30; i++)
        {
            var handle = (await portal.CreateAsync(name: $"Token {i}")).Handle;
            await portal.Tokens.DisableAsync(portal.Operator, handle, cancellation: Cancellation);
        }

        await portal.DispatchAsync();
        async Task SendAllAsync(WebhookSender sender)
        {
            while (await sender.SendAsync(Cancellation) > 0 || (await portal.DeliveriesAsync()).Any(delivery => delivery.State == DeliveryState.Waiting))
                await Task.Yield();
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendAllAsync(ActivatorUtilities.CreateInstance<WebhookSender>(portal.Services))));

        Assert.Equal(60, receiver.Messages.Count);
        Assert.Equal(60, receiver.Messages.Select(message => message.Id).Distinct().Count());
        Assert.All(receiver.Messages.GroupBy(message => message.Handle), token => Assert.Equal(["token.created", "token.disabled"], token.Select(message => message.Type)));
    }

    [Fact]
    public async Task Send_ClaimOfAnEndedProcess_IsFreeAfterAMinute()
    {
        await using var receiver = await TestReceiver.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local);
        await portal.AddEndpointAsync(receiver.Url);
        await portal.CreateAsync();
        await portal.DispatchAsync();
        await using (var context = await portal.OpenAsync())
            Assert.Single(await portal.Services.GetRequiredService<DeliveryRecorder>().ClaimAsync(context, await context.WebhookDeliveries.AsNoTracking().ToListAsync(Cancellation), portal.Now, Cancellation));
        portal.Clock.Advance(WebhookSender.ClaimTime - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await portal.SendAsync());
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await portal.SendAsync());
    }

    [Fact]
    public async Task Prune_OldDeliveries_AreRemovedWithTheirAttempts()
    {
        await using var receiver = await TestReceiver.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: WebhookSetup.Local);
        var (id, _) = await portal.AddEndpointAsync(receiver.Url);
        await portal.CreateAsync(name: "Delivered");
        await portal.DeliverAsync();
        await portal.CreateAsync(name: "Waiting");
        await portal.DispatchAsync();
        await portal.Webhooks().DisableAsync(portal.Administrator, id, Cancellation);
        var upkeep = portal.Services.GetRequiredService<WebhookUpkeep>();
        // In steps, because a jump of the clock isn't trusted.
        for (var day = 0; day < 30; day++)
        {
            portal.Clock.Advance(TimeSpan.FromDays(1));
            _ = portal.Services.GetRequiredService<MonotonicClock>().GetUtcNow();
        }

        Assert.Equal(0, await upkeep.PruneAsync(Cancellation));
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await upkeep.PruneAsync(Cancellation));
        Assert.Empty(await portal.DeliveriesAsync());
        Assert.Empty(await portal.AttemptsAsync());
    }

    /// <summary>As of another process.</summary>
    private static WebhookDispatcher Dispatcher(TestPortal portal) => new(
        portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>(), portal.Services.GetRequiredService<WriteQueue>(), portal.Services.GetRequiredService<IOptions<TokenOptions>>(),
        portal.Services.GetRequiredService<TimeProvider>(), NullLogger<WebhookDispatcher>.Instance);
}
