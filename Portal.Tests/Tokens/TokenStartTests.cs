using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>A token with a start in the future is pending until then.</summary>
public sealed class TokenStartTests
{
    private const string NotPending = "Only the start of a pending token can be changed, and this one isn't pending.";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Sweep_BeforeAndAfterTheStart_MakesTheTokenActiveOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var start = portal.Now + Day;
        var handle = (await CreateAsync(portal, start)).Handle;
        Assert.Equal((TokenStatus.Pending, start), await StateAsync(portal, handle));

        Assert.Equal(start, await SweepAsync(portal));
        Assert.Equal((TokenStatus.Pending, start), await StateAsync(portal, handle));

        portal.Clock.Advance(Day);
        Assert.Null(await SweepAsync(portal));
        Assert.Null(await SweepAsync(portal));
        Assert.Equal((TokenStatus.Active, null), await StateAsync(portal, handle));
        await using var context = await portal.OpenAsync();
        var entry = await context.AuditEntries.SingleAsync(entry => entry.Action == AuditAction.TokenStarted, TestContext.Current.CancellationToken);
        Assert.Equal((handle, "system", "Portal"), (entry.TargetId, entry.ActorKind, entry.ActorName));
    }

    [Fact]
    public async Task Sweep_MoreThanOneTransactionHolds_StartsAllThatAreDue()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i <= StartSweep.TokensAtOnce; i++)
            await CreateAsync(portal, portal.Now + Day, $"Due {i}");
        var later = await CreateAsync(portal, portal.Now + Day + Day, "Later");
        portal.Clock.Advance(Day);

        Assert.Equal(portal.Now + Day, await SweepAsync(portal));
        await using var context = await portal.OpenAsync();
        Assert.Equal([later.Handle], await context.Tokens.Where(token => token.StartsAt != null).Select(token => token.Handle).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("enable", TokenStatus.Active)]
    [InlineData("disable", TokenStatus.Inactive)]
    [InlineData("delete", TokenStatus.Deleted)]
    public async Task Start_AnotherStatusBefore_IsCanceled(string change, TokenStatus expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await CreateAsync(portal, portal.Now + Day)).Handle;
        var outcome = change switch
        {
            "enable" => await portal.Tokens.EnableAsync(portal.Operator, handle),
            "disable" => await portal.Tokens.DisableAsync(portal.Operator, handle),
            _ => await portal.Tokens.DeleteAsync(portal.Administrator, handle),
        };
        Assert.IsType<TokenOutcome.Done>(outcome);

        portal.Clock.Advance(Day);
        Assert.Null(await SweepAsync(portal));
        Assert.Equal((expected, null), await StateAsync(portal, handle));
    }

    [Theory]
    [InlineData(0, 90, "The start must be in the future. To start at once, set none.")]
    [InlineData(-1, 90, "The start must be in the future. To start at once, set none.")]
    [InlineData(90, 90, "The start must be before the expiration.")]
    [InlineData(91, 90, "The start must be before the expiration.")]
    [InlineData(365 * 5 + 2, null, "The start must be within the next five years.")]
    public async Task Create_ImpossibleStart_SaysWhy(int startDays, int? endDays, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted() with
        {
            StartsAt = portal.Now.AddDays(startDays),
            ExpiresAt = endDays is { } days ? portal.Now.AddDays(days) : null,
        };
        var faults = Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.CreateAsync(portal.Operator, wanted)).Faults;
        Assert.Equal([new Fault(TokenField.Start, expected)], faults);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Edit_Start_MovesItAndIsRecorded(int day)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await CreateAsync(portal, portal.Now.AddDays(10))).Handle;
        var start = portal.Now.AddDays(day);

        Assert.IsType<TokenOutcome.Done>(await EditAsync(portal, handle, start));

        Assert.Equal((TokenStatus.Pending, start), await StateAsync(portal, handle));
        Assert.Equal($$$"""{"starts":{"before":"2030-01-25T12:00:00Z","after":"{{{start:yyyy-MM-dd}}}T12:00:00Z"}}""", (await portal.AuditAsync())[^1].Details);
        portal.Clock.Advance(TimeSpan.FromDays(day));
        await SweepAsync(portal);
        Assert.Equal((TokenStatus.Active, null), await StateAsync(portal, handle));
    }

    [Theory]
    [InlineData("", 0, "The start must be in the future. To start at once, set none.")]
    [InlineData("", 90, "The start must be before the expiration.")]
    [InlineData("due", 20, NotPending)]
    [InlineData("started", 20, NotPending)]
    [InlineData("disabled", 20, NotPending)]
    [InlineData("", 10, null)] // As it is.
    public async Task Edit_ImpossibleStart_SaysWhyAndChangesNothing(string before, int day, string? expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var planned = portal.Now.AddDays(10);
        var wanted = portal.Now.AddDays(day);
        var handle = (await CreateAsync(portal, planned)).Handle;
        if (before == "disabled")
            await portal.Tokens.DisableAsync(portal.Operator, handle);
        else if (before.Length > 0)
            portal.Clock.Advance(TimeSpan.FromDays(10));
        if (before == "started")
            await SweepAsync(portal);
        var state = await StateAsync(portal, handle);

        var outcome = await EditAsync(portal, handle, wanted);

        if (expected is null)
            Assert.True(Assert.IsType<TokenOutcome.Done>(outcome).IsUnchanged);
        else
            Assert.Equal([new Fault(TokenField.Start, expected)], Assert.IsType<TokenOutcome.Invalid>(outcome).Faults);
        Assert.Equal(state, await StateAsync(portal, handle));
    }

    [Fact]
    public async Task Rotate_NewKeyThatEndsBeforeTheStart_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await CreateAsync(portal, portal.Now + Day + Day)).Handle;
        var faults = Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now + Day)).Faults;
        Assert.Equal(TokenField.Expiration, Assert.Single(faults).Field);
    }

    [Fact]
    public async Task Clock_SetBackAfterTheStart_TokenStaysActive()
    {
        await using var portal = await TestPortal.CreateAsync();
        var start = portal.Now + Day;
        var handle = (await CreateAsync(portal, start)).Handle;
        portal.Clock.Advance(Day);
        await SweepAsync(portal);
        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromHours(5));
        await SweepAsync(portal);
        Assert.Equal((TokenStatus.Active, null), await StateAsync(portal, handle));
    }

    private static async Task<TokenOutcome.Done> CreateAsync(TestPortal portal, DateTime start, string name = "Nightly report") =>
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted(name) with { CreationId = Guid.CreateVersion7(), StartsAt = start }));

    private static async Task<TokenOutcome> EditAsync(TestPortal portal, string handle, DateTime start)
    {
        var token = await portal.DetailsAsync(handle);
        return await portal.Tokens.EditAsync(portal.Operator, handle, new TokenEdit(token.Name, token.ExternalId, token.Description, token.Choice) { StartsAt = start }, token.Version);
    }

    private static async Task<(TokenStatus, DateTime?)> StateAsync(TestPortal portal, string handle) =>
        await portal.DetailsAsync(handle) is var token ? (token.Status, token.StartsAt) : default;

    private static Task<DateTime?> SweepAsync(TestPortal portal) =>
        portal.Services.GetRequiredService<StartSweep>().SweepAsync(TestContext.Current.CancellationToken);
}
