using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Sessions;
using Portal.Accounts.Sessions.Screen;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Sessions.Screen;

public sealed class SessionWarningTests : PageTestContext
{
    private Actor Actor => Server.Operator with { SessionId = "session" };

    [Fact]
    public async Task Render_SessionIsNotUsed_WarnsFiveMinutesBeforeItEndsAndLetsThePersonStay()
    {
        var warning = await OpenAsync();
        Advance(TimeSpan.FromHours(12) - SessionWarning.Before - SessionWarning.Pause);
        Assert.Empty(warning.FindAll("[role=alert]"));

        Advance(SessionWarning.Pause);
        warning.WaitForAssertion(() => Assert.StartsWith("Your session ends in 5 minutes, because you haven't used Portal.", warning.Find("[role=alert]").TextContent.Trim(), StringComparison.Ordinal));
        Advance(TimeSpan.FromMinutes(2));
        warning.WaitForAssertion(() => Assert.Contains("in 3 minutes", warning.Find("[role=alert]").TextContent, StringComparison.Ordinal));

        await warning.Find("button").ClickAsync();
        warning.WaitForAssertion(() => Assert.Empty(warning.FindAll("[role=alert]")));
        Assert.Equal(Server.Now.AddHours(12), (await Server.Services.GetRequiredService<SessionService>().FindEndAsync(Actor, Xunit.TestContext.Current.CancellationToken))!.At);
    }

    [Fact]
    public async Task Render_SessionReachesItsLongestDuration_WarnsWithoutAWayToStay()
    {
        var warning = await OpenAsync();
        var recorder = Server.Services.GetRequiredService<SessionRecorder>();
        for (var day = 0; day < 6; day++)
        {
            Advance(TimeSpan.FromHours(23));
            recorder.Note(Actor);
        }

        Advance(TimeSpan.FromDays(7) - TimeSpan.FromHours(6 * 23) - TimeSpan.FromHours(1));
        recorder.Note(Actor);
        Advance(TimeSpan.FromHours(1) - TimeSpan.FromMinutes(4));

        warning.WaitForAssertion(() => Assert.StartsWith("Your session ends in 4 minutes, because it has reached its longest duration.", warning.Find("[role=alert]").TextContent.Trim(), StringComparison.Ordinal));
        Assert.Empty(warning.FindAll("button"));
    }

    [Theory]
    [InlineData(720, 5)]
    [InlineData(6, 2)]
    public void Warning_ComesEarlierForLongSessions(int minutes, int before) =>
        Assert.Equal(TimeSpan.FromMinutes(before), new SessionEnd(default, true, TimeSpan.FromMinutes(minutes)).Warning(SessionWarning.Before));

    private void Advance(TimeSpan time) => Server.Clock.Advance(time);

    private async Task<IRenderedComponent<SessionWarning>> OpenAsync()
    {
        await using (var context = await Server.OpenAsync())
        {
            context.UserSessions.Add(new UserSession { Id = "session", UserId = Server.Operator.Id, CreatedAt = Server.Now, LastSeenAt = Server.Now });
            await context.SaveChangesAsync(Xunit.TestContext.Current.CancellationToken);
        }

        Services.AddSingleton<IUserActivity>(new Activity(Server.Services.GetRequiredService<SessionRecorder>(), Actor));
        SignIn(Role.Operator, "session");
        return Render<SessionWarning>();
    }

    private sealed class Activity(SessionRecorder recorder, Actor actor) : IUserActivity
    {
        public void Note() => recorder.Note(actor);
    }
}
