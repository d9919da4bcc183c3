using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

public sealed class AuditReaderTests
{
    [Fact]
    public async Task List_EachFilter_FindsItsEntriesNewestFirst()
    {
        await using var portal = await TestPortal.CreateAsync();
        var reader = portal.Services.GetRequiredService<AuditReader>();
        var first = await portal.CreateAsync(portal.Operator with { Address = "192.0.2.7" }, TestTokens.Wanted("First"));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        var second = await portal.CreateAsync(portal.Administrator with { Address = "2001:db8::1" }, TestTokens.Wanted("Second"));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await portal.Tokens.DisableAsync(portal.Operator with { Address = "2001:db8::1" }, first.Handle, cancellation: TestContext.Current.CancellationToken);

        async Task<string> FindAsync(AuditFilter filter) => string.Join(", ", (await reader.ListAsync(portal.Administrator, filter)).Events.Select(entry => $"{entry.Action[6..]} {entry.TargetName}"));

        Assert.Equal("disabled First, created Second, created First", await FindAsync(new()));
        Assert.Equal("disabled First, created First", await FindAsync(new() { ActorId = portal.Operator.Id }));
        Assert.Equal("created Second", await FindAsync(new() { TargetId = second.Handle }));
        Assert.Equal("created Second, created First", await FindAsync(new() { Action = AuditAction.TokenCreated }));
        Assert.Equal("disabled First, created Second", await FindAsync(new() { Address = "2001:db8::1" }));
        Assert.Equal("created Second", await FindAsync(new() { From = TestPortal.Start.AddMinutes(1), To = portal.Now }));
        Assert.Equal("disabled First", await FindAsync(new() { ActorId = portal.Operator.Id, Address = "2001:db8::1", TargetId = first.Handle, Action = "token.disabled", From = TestPortal.Start }));
        Assert.Equal("", await FindAsync(new() { ActorId = portal.Administrator.Id, Address = "192.0.2.7" }));
        Assert.Empty((await reader.ListAsync(portal.OtherAccountActor, new AuditFilter(), cancellation: TestContext.Current.CancellationToken)).Events);
    }

    [Fact]
    public async Task List_PageAfterPage_HasEachEntryOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        await AddAsync(portal, 3 * AuditReader.PageSize + 7, i => (i % 4 == 0 ? "a" : "b", "token.created", i / 20));
        Assert.Equal(3 * AuditReader.PageSize + 7, (await ReadAllAsync(portal, new AuditFilter())).Distinct().Count());
        Assert.Equal(40, (await ReadAllAsync(portal, new AuditFilter { ActorId = "a" })).Count);
        Assert.Equal(40, (await ReadAllAsync(portal, new AuditFilter { ActorId = "a", Action = "token.created" })).Distinct().Count());
    }

    /// <summary>Entries that meet both filters are rare, although each filter alone finds many.</summary>
    [Fact]
    public async Task List_RareCombination_EndsEarlyAndCanBeContinued()
    {
        await using var portal = await TestPortal.CreateAsync();
        const int Many = 2 * AuditReader.WindowSize * (AuditReader.MostWindows + 1);
        await AddAsync(portal, Many, i => (i is 5 or 6 ? "both" : i % 2 == 0 ? "both" : "other", i is 5 or 6 || i % 2 == 1 ? "token.rotated" : "token.created", i));
        var reader = portal.Services.GetRequiredService<AuditReader>();
        var filter = new AuditFilter { ActorId = "both", Action = "token.rotated" };

        var page = await reader.ListAsync(portal.Administrator, filter, cancellation: TestContext.Current.CancellationToken);

        Assert.Empty(page.Events);
        Assert.True(page.IsPartial);
        Assert.NotNull(page.Next);
        Assert.Equal(2, (await ReadAllAsync(portal, filter)).Count);
    }

    [Fact]
    public async Task ListOfToken_Viewer_SeesWhatWasDoneWithoutAddresses()
    {
        await using var portal = await TestPortal.CreateAsync();
        var reader = portal.Services.GetRequiredService<AuditReader>();
        var token = await portal.CreateAsync(portal.Operator with { Address = "192.0.2.7" }, TestTokens.Wanted());
        await portal.CreateAsync(name: "Another");

        var seen = Assert.Single((await reader.ListOfTokenAsync(portal.Viewer, token.Handle, cancellation: TestContext.Current.CancellationToken)).Events);

        Assert.Equal((AuditAction.TokenCreated, portal.Operator.Name, null), (seen.Action, seen.Actor.Name, seen.Address));
        Assert.Contains(new AuditDetail("extension", "EXT-000"), seen.Details);
        Assert.Equal("192.0.2.7", Assert.Single((await reader.ListOfTokenAsync(portal.Operator, token.Handle, cancellation: TestContext.Current.CancellationToken)).Events).Address);
        await Assert.ThrowsAsync<AccessDeniedException>(() => reader.ListAsync(portal.Operator, new AuditFilter(), cancellation: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("user-Operator", "user-Operator")]
    [InlineData("an operator", "user-Operator")]
    [InlineData("USER-OPERATOR@example.com", "user-Operator")]
    [InlineData("night job", "handle")]
    [InlineData("nobody", null)]
    [InlineData(" ", null)]
    public async Task FindParty_EachWayToNameOne_FindsIt(string text, string? expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(name: "Night job");
        var found = await portal.Services.GetRequiredService<AuditReader>().FindPartyAsync(portal.Administrator, text, TestContext.Current.CancellationToken);
        Assert.Equal(expected == "handle" ? token.Handle : expected, found?.Id);
    }

    [Fact]
    public void Details_EachForm_AreReadAsBeforeAndAfter()
    {
        var details = AuditDetails.Parse("""{"name":{"before":"a","after":"b"},"role":{"from":"Viewer","to":""},"expires":null,"sessions":3,"shared":true,"list":["x","y"]}""");
        Assert.Equal(
            [
                new AuditDetail("name", "b") { Before = "a", IsChange = true }, new AuditDetail("role", null) { Before = "Viewer", IsChange = true },
                new AuditDetail("sessions", "3"), new AuditDetail("shared", "yes"), new AuditDetail("list", "x, y"),
            ],
            details);
        Assert.Equal([new AuditDetail("", "not JSON")], AuditDetails.Parse("not JSON"));
        Assert.Empty(AuditDetails.Parse(null));
    }

    private static async Task<List<long>> ReadAllAsync(TestPortal portal, AuditFilter filter)
    {
        var reader = portal.Services.GetRequiredService<AuditReader>();
        List<long> ids = [];
        AuditCursor? after = null;
        do
        {
            var page = await reader.ListAsync(portal.Administrator, filter, after);
            Assert.True(page.Events.Count <= AuditReader.PageSize);
            ids.AddRange(page.Events.Select(entry => entry.Id));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(ids.OrderDescending(), ids);
        return ids;
    }

    private static async Task AddAsync(TestPortal portal, int number, Func<int, (string Actor, string Action, int Minute)> entry)
    {
        await using var context = await portal.OpenAsync();
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        for (var i = 0; i < number; i++)
        {
            var (actor, action, minute) = entry(i);
            context.AuditEntries.Add(new AuditEntry
            {
                AccountId = TestPortal.Account, At = TestPortal.Start.AddMinutes(minute), ActorId = actor, ActorName = actor, ActorKind = "user", Action = action,
                TargetId = i.ToString(CultureInfo.InvariantCulture), TargetName = "x",
            });
        }

        await context.SaveChangesAsync();
    }
}
