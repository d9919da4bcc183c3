using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Sessions;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Accounts.Sessions;

public sealed class SessionServiceTests
{
    [Fact]
    public async Task List_OwnSessions_ShowsTheCurrentOneFirst()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (first, second) = (await BeginAsync(portal, portal.Viewer, "first"), await BeginAsync(portal, portal.Viewer, "second"));
        await BeginAsync(portal, portal.Operator, "of another user");

        Assert.Equal([("first", true), ("second", false)], (await Sessions(portal).ListAsync(first)).Select(session => (session.Id, session.IsCurrent)));
        Assert.Equal("second", (await Sessions(portal).ListAsync(second))[0].Id);
    }

    [Fact]
    public async Task End_AnotherSession_EndsItAtOnceAndNoOther()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (first, second) = (await BeginAsync(portal, portal.Viewer, "first"), await BeginAsync(portal, portal.Viewer, "second"));
        await portal.Reader.ListAsync(second, new TokenQuery());

        Assert.True(await Sessions(portal).EndAsync(first, "second"));

        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(second, new TokenQuery()));
        await portal.Reader.ListAsync(first, new TokenQuery());
        Assert.False(await Sessions(portal).EndAsync(first, "second"));
        Assert.Equal(AuditAction.SessionsEnded, Assert.Single(await portal.AuditAsync()).Action);
    }

    [Fact]
    public async Task EndOthers_ManySessions_KeepsTheCurrentOne()
    {
        await using var portal = await TestPortal.CreateAsync();
        var current = await BeginAsync(portal, portal.Viewer, "current");
        await BeginAsync(portal, portal.Viewer, "second");
        await BeginAsync(portal, portal.Viewer, "third");

        Assert.True(await Sessions(portal).EndOthersAsync(current));

        Assert.Equal(["current"], (await Sessions(portal).ListAsync(current)).Select(session => session.Id));
    }

    [Fact]
    public async Task End_SessionOfAnotherUser_FindsNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var viewer = await BeginAsync(portal, portal.Viewer, "viewer's");
        var other = await BeginAsync(portal, portal.Operator, "operator's");
        Assert.False(await Sessions(portal).EndAsync(viewer, "operator's"));
        await portal.Reader.ListAsync(other, new TokenQuery());
    }

    [Fact]
    public async Task Flush_SessionsInUseAndIdleOnes_StoresTheTimeAndDeletesTheIdle()
    {
        await using var portal = await TestPortal.CreateAsync();
        var used = await BeginAsync(portal, portal.Viewer, "used");
        await BeginAsync(portal, portal.Viewer, "idle");
        var recorder = portal.Services.GetRequiredService<SessionRecorder>();
        portal.Clock.Advance(TimeSpan.FromHours(12));
        recorder.Note(used);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));

        await recorder.FlushAsync(TestContext.Current.CancellationToken);

        var session = Assert.Single(await Sessions(portal).ListAsync(used));
        Assert.Equal(("used", portal.Now.AddSeconds(-1)), (session.Id, session.LastSeenAt));
    }

    [Fact]
    public async Task Flush_SessionThatBeganAWeekAgo_EndsAlthoughItIsInUse()
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = await BeginAsync(portal, portal.Viewer, "old");
        var recorder = portal.Services.GetRequiredService<SessionRecorder>();
        for (var day = 0; day < 7; day++)
        {
            await recorder.FlushAsync(TestContext.Current.CancellationToken);
            await portal.Reader.ListAsync(actor, new TokenQuery());
            portal.Clock.Advance(TimeSpan.FromDays(1));
            recorder.Note(actor);
        }

        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await recorder.FlushAsync(TestContext.Current.CancellationToken);
        portal.Clock.Advance(UserStates.MaximumAge);
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(actor, new TokenQuery()));
    }

    [Theory]
    [InlineData(null, "Unknown browser")]
    [InlineData("curl/8.5.0", "curl/8.5.0")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36", "Chrome, Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", "Edge, Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari, iOS")]
    public void Describe_UserAgent_NamesBrowserAndSystem(string? header, string expected) => Assert.Equal(expected, BrowserName.Describe(header));

    private static SessionService Sessions(TestPortal portal) => portal.Services.GetRequiredService<SessionService>();

    private static async Task<Actor> BeginAsync(TestPortal portal, Actor user, string id)
    {
        await using var context = await portal.OpenAsync();
        context.UserSessions.Add(new UserSession { Id = id, UserId = user.Id, CreatedAt = portal.Now, LastSeenAt = portal.Now });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return user with { SessionId = id };
    }
}
