using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Audit.Streaming;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit.Streaming;

/// <summary>The collector gets every entry of the audit log at least once and in order, whatever fails.</summary>
public sealed class AuditStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_NewEntries_ArriveInOrderAndCanBeCheckedForGaps()
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: StreamSetup.FromTheBeginning);
        var created = await portal.CreateAsync();
        await portal.Tokens.DisableAsync(portal.Operator with { Address = "192.0.2.7" }, created.Handle, cancellation: Cancellation);
        await portal.AddEntriesAsync(3);
        using var receiver = collector.CreateReceiver();

        Assert.Equal(5, await portal.StreamTo(receiver).SendAsync(Cancellation));

        var entries = await portal.AuditAsync();
        Assert.Equal(entries.Select(entry => (entry.Id, entry.Action, entry.At)), collector.Records.Select(record => (record.Id, record.EventName, record.Time)));
        string? previous = null;
        Assert.All(collector.Records, (record, i) =>
        {
            var hash = Convert.ToHexStringLower(entries[i].Hash!);
            Assert.Equal($"{record.Id}:{hash}", record.Event.GetProperty("metadata").GetProperty("uid").GetString());
            Assert.Equal(previous, record.Event.GetProperty("unmapped").TryGetProperty("previous_hash", out var before) ? before.GetString() : null);
            previous = hash;
        });
        Assert.Contains("Portal.Audit.Stream", collector.LastMessage, StringComparison.Ordinal);
        Assert.Contains("service.name", collector.LastMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(created.Key!.ToHeaderValue().Split(':')[1], collector.LastMessage, StringComparison.Ordinal);
        // Another node has nothing left to send.
        Assert.Equal(0, await portal.StreamTo(receiver).SendAsync(Cancellation));
    }

    [Theory]
    [InlineData(StatusCodes.Status500InternalServerError)]
    [InlineData(StatusCodes.Status429TooManyRequests)]
    public async Task Send_CollectorThatRefuses_GetsAllLater(int status)
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: StreamSetup.FromTheBeginning);
        using var receiver = collector.CreateReceiver();
        var stream = portal.StreamTo(receiver);
        await portal.AddEntriesAsync(3);
        collector.Status = status;
        Assert.Equal(0, await stream.SendAsync(Cancellation));
        Assert.Equal(0, await stream.SendAsync(Cancellation));
        // It waits before it tries again.
        Assert.Equal(1, collector.Messages);
        collector.Status = StatusCodes.Status200OK;
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, await stream.SendAsync(Cancellation));
        Assert.Equal([1, 2, 3], collector.Ids);
    }

    [Fact]
    public async Task Send_CollectorThatIsSlowThenAwayThenBack_GetsAllAndRepetitionsOnlyOfWhatItDidNotConfirm()
    {
        var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: StreamSetup.FromTheBeginning);
        using var receiver = collector.CreateReceiver(patience: TimeSpan.FromMilliseconds(200));
        var stream = portal.StreamTo(receiver);
        await portal.AddEntriesAsync(2);
        // It has the message, but Portal gets no answer.
        collector.BeforeAnswer = async context => await Task.Delay(Timeout.Infinite, context.RequestAborted);
        Assert.Equal(0, await stream.SendAsync(Cancellation));
        Assert.Equal([1, 2], collector.Ids);
        var address = collector.Address;
        await collector.DisposeAsync();
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await stream.SendAsync(Cancellation));

        await using var again = await AuditCollector.StartAsync(address);
        await portal.AddEntriesAsync(1);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, await stream.SendAsync(Cancellation));
        Assert.Equal([1, 2, 3], again.Ids);
    }

    [Fact]
    public async Task Send_ProcessThatEndsBeforeTheCursorIsStored_SendsAgainAndLeavesNothingOut()
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: StreamSetup.FromTheBeginning);
        using var receiver = collector.CreateReceiver();
        for (var round = 0; round < 5; round++)
        {
            await portal.AddEntriesAsync(2);
            await Assert.ThrowsAsync<InvalidOperationException>(() => portal.StreamTo(new EndingReceiver(receiver)).SendAsync(Cancellation));
            // The process that ended still has its turn.
            Assert.Equal(0, await portal.StreamTo(receiver).SendAsync(Cancellation));
            portal.Clock.Advance(AuditStream.Lease);
            Assert.Equal(2, await portal.StreamTo(receiver).SendAsync(Cancellation));
            portal.Clock.Advance(AuditStream.Lease);
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(id => (long)id), collector.Ids.Distinct());
        Assert.Equal(20, collector.Records.Count);
    }

    [Fact]
    public async Task Send_TwoNodesAtOnce_SendEachEntryOnceAndInOrder()
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: StreamSetup.FromTheBeginning);
        using OtlpAuditReceivers receivers = new(collector.CreateReceiver(), collector.CreateReceiver());
        AuditStream[] nodes = [.. receivers.All.Select(receiver => portal.StreamTo(receiver))];
        for (var round = 0; round < 6; round++)
        {
            await portal.AddEntriesAsync(4);
            await Task.WhenAll(nodes.Select(node => Task.Run(() => node.SendAsync(Cancellation), Cancellation)));
            // Each of them has the turn at some time.
            portal.Clock.Advance(AuditStream.Lease);
            nodes = [nodes[1], nodes[0]];
        }

        while (await nodes[0].SendAsync(Cancellation) + await nodes[1].SendAsync(Cancellation) > 0)
            portal.Clock.Advance(AuditStream.Lease);
        Assert.Equal(Enumerable.Range(1, 24).Select(id => (long)id), collector.Ids);
    }

    [Fact]
    public async Task Send_EnabledLater_StartsWithTheNextEntry()
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Audit:Stream:Enabled"] = "true" });
        using var receiver = collector.CreateReceiver();
        await portal.AddEntriesAsync(2);
        Assert.Equal(0, await portal.StreamTo(receiver).SendAsync(Cancellation));
        await portal.AddEntriesAsync(1);
        Assert.Equal(1, await portal.StreamTo(receiver).SendAsync(Cancellation));
        Assert.Equal([3], collector.Ids);
        Assert.True(collector.Records[0].Event.GetProperty("unmapped").TryGetProperty("previous_hash", out _));
    }

    /// <summary>Entries at the end of their retention stay until the collector has them.</summary>
    [Fact]
    public async Task Retention_EntriesThatWait_AreKept()
    {
        await using var collector = await AuditCollector.StartAsync();
        await using var portal = await TestPortal.CreateAsync(settings: new(StreamSetup.FromTheBeginning) { ["Audit:RetentionDays"] = "30" });
        await using (var context = await portal.OpenAsync())
        {
            for (var i = 0; i < 3; i++)
                context.AuditEntries.Add(new AuditEntry
                {
                    AccountId = TestPortal.Account, At = TestPortal.Start.AddDays(-60), ActorId = "a", ActorName = "a", ActorKind = "user", Action = "token.created", TargetId = "t", TargetName = "t",
                });
            await context.SaveChangesAsync(Cancellation);
        }

        var retention = portal.Services.GetRequiredService<AuditRetention>();
        Assert.Equal(0, await retention.TrimAsync(Cancellation));
        using var receiver = collector.CreateReceiver();
        var stream = portal.StreamTo(receiver);
        await stream.SendAsync(Cancellation);
        Assert.Equal(3, await retention.TrimAsync(Cancellation));
        await stream.SendAsync(Cancellation);
        Assert.Equal("audit.trimmed", collector.Records[^1].EventName);
        Assert.Equal([1, 2, 3, 4], collector.Ids);
    }

    private sealed record OtlpAuditReceivers(params Portal.Hosting.OtlpAuditReceiver[] All) : IDisposable
    {
        public void Dispose()
        {
            foreach (var receiver in All)
                receiver.Dispose();
        }
    }

    /// <summary>The collector confirms, and then the process ends.</summary>
    private sealed class EndingReceiver(IAuditReceiver receiver) : IAuditReceiver
    {
        public async Task<bool> SendAsync(IReadOnlyList<StreamedEntry> entries, CancellationToken cancellation)
        {
            Assert.True(await receiver.SendAsync(entries, cancellation));
            throw new InvalidOperationException("The process ends here.");
        }
    }
}
