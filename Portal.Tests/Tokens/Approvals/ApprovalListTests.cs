using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Approvals;

namespace Portal.Tests.Tokens.Approvals;

/// <summary>Lists of requests, and how long they are kept.</summary>
public sealed class ApprovalListTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Among the waiting ones are some whose time is over, which nothing has recorded yet.</summary>
    [Fact]
    public async Task List_MoreThanASlice_ContinuesInOrderWithoutGapsOrRepetitions()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.StoreRequestsAsync(400);
        await using var context = await portal.OpenAsync();
        var stored = await context.ApprovalRequests.AsNoTracking().OrderByDescending(request => request.Id).ToListAsync(Cancellation);

        foreach (var actor in (Actor[])[portal.Administrator, portal.Operator])
        {
            var seen = stored.Where(request => request.AccountId == actor.AccountId && (actor.May(Role.Administrator) || request.RequestedById == actor.Id)).ToLookup(
                request => request.State == ApprovalState.Waiting && request.EndsAt > portal.Now, request => request.Id);
            Assert.Equal(seen[true], await ReadAllAsync(before => portal.Approvals().ListWaitingAsync(actor, before, Cancellation)));
            Assert.Equal(seen[false], await ReadAllAsync(before => portal.Approvals().ListDecidedAsync(actor, before, Cancellation)));
            Assert.All(seen, ids => Assert.True(ids.Count() > ApprovalService.SliceSize));
        }

        Assert.Empty((await portal.Approvals().ListWaitingAsync(portal.OtherAccountActor, cancellation: Cancellation)).Requests);
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Approvals().ListDecidedAsync(portal.Viewer, cancellation: Cancellation));
    }

    [Fact]
    public async Task Sweep_EndOfTheRetention_RemovesRequestsThatNoLongerWait()
    {
        await using var portal = await TestPortal.CreateAsync();
        var sweep = portal.Services.GetRequiredService<ApprovalSweep>();
        // More than the sweep removes at once.
        await portal.StoreRequestsAsync(150, someWait: false);
        portal.Clock.Advance(TimeSpan.FromDays(365) - TimeSpan.FromSeconds(1));
        await portal.StoreRequestsAsync(1);
        await sweep.SweepAsync(Cancellation);
        Assert.Equal(151, await CountAsync(portal));
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await sweep.SweepAsync(Cancellation);
        Assert.Equal(151, await CountAsync(portal)); // It looks once an hour.
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await sweep.SweepAsync(Cancellation);

        Assert.Single((await portal.Approvals().ListWaitingAsync(portal.Administrator, cancellation: Cancellation)).Requests);
        Assert.Equal(1, await CountAsync(portal));
    }

    private static async Task<int> CountAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.ApprovalRequests.CountAsync(Cancellation);
    }

    private static async Task<List<long>> ReadAllAsync(Func<long?, Task<ApprovalSlice>> read)
    {
        List<long> ids = [];
        long? before = null;
        do
        {
            var slice = await read(before);
            Assert.InRange(slice.Requests.Count, 1, ApprovalService.SliceSize);
            ids.AddRange(slice.Requests.Select(request => request.Id));
            before = slice.Next;
        }
        while (before is not null);
        return ids;
    }
}
