using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.Tests.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Nodes;

/// <summary>Changes of several nodes at the same time: each relies on what it has read, and the caller of each may still make it.</summary>
[Slow]
public sealed class WriteTurnsTests(NodesFixture fixture) : IClassFixture<NodesFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disable_TwoAdministratorsDisableEachOther_OneRemains()
    {
        var (first, second) = (await AddAdministratorAsync(), await AddAdministratorAsync());
        // They are the only ones.
        await using var context = await fixture.A.ContextAsync();
        await context.Users.Where(user => user.Id != first.Id && user.Id != second.Id).ExecuteUpdateAsync(set => set.SetProperty(user => user.LockoutEnd, DateTimeOffset.MaxValue), Cancellation);
        try
        {
            Task<UserOutcome>[] changes;
            await using (await ChangeLock.TakeAsync(fixture.Connection))
            {
                changes = [DisableAsync(fixture.A, first, second), DisableAsync(fixture.B, second, first)];
                await ChangeLock.WaitForAsync(fixture.Connection, 2);
            }

            var done = 0;
            foreach (var change in changes)
                try
                {
                    done += await change is UserOutcome.Done ? 1 : 0;
                }
                catch (SessionEndedException)
                {
                    // The other one was first.
                }

            Assert.Equal(1, done);
            await context.Users.Where(user => user.Id == first.Id || user.Id == second.Id).LoadAsync(Cancellation);
            Assert.Single(context.Users.Local, user => user.LockoutEnd is null);
        }
        finally
        {
            await context.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.LockoutEnd, (DateTimeOffset?)null), CancellationToken.None);
        }
    }

    [Fact]
    public async Task Rotate_CallerIsDisabledOnAnotherNodeMeanwhile_IsRefused()
    {
        var (caller, token) = (await fixture.A.CreateTokenAsync(), await fixture.A.CreateTokenAsync());
        Task disabling;
        Task<HttpResponseMessage> rotating;
        await using (await ChangeLock.TakeAsync(fixture.Connection))
        {
            disabling = fixture.A.DisableAsync(caller);
            await ChangeLock.WaitForAsync(fixture.Connection, 1);
            rotating = fixture.B.CallAsync(caller, "POST", $"{ApiCalls.TokensPath}/{token.Handle}/rotate");
            await ChangeLock.WaitForAsync(fixture.Connection, 2);
        }

        await disabling;
        Assert.Contains("Nothing was changed", await rotating.RefusedAsync(HttpStatusCode.Forbidden, "AUTH_005"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_LosesItsTurnMeanwhile_IsNotStored()
    {
        var (key, other) = (await fixture.A.CreateTokenAsync(), await fixture.A.CreateTokenAsync());
        await Assert.ThrowsAsync<DatabaseBusyException>(() => fixture.A.Services.GetRequiredService<WriteQueue>().RunAsync(
            async cancellation =>
            {
                await using var context = await fixture.A.ContextAsync();
                var token = await context.Tokens.SingleAsync(token => token.Handle == key.Handle, cancellation);
                // As when the process is suspended here for long.
                await ChangeLock.EndTurnsAsync(fixture.Connection);
                await fixture.B.DisableAsync(other);
                token.Description = "Too late";
                await context.SaveChangesAsync(cancellation);
            },
            Cancellation));

        await using var after = await fixture.A.ContextAsync();
        Assert.Null((await after.Tokens.SingleAsync(token => token.Handle == key.Handle, Cancellation)).Description);
        await fixture.A.DisableAsync(key);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("change role")]
    [InlineData("reset password")]
    [InlineData("end sessions")]
    [InlineData("remove")]
    public async Task PersonIsChanged_OnOneNode_HoldsAtOnceOnEveryNode(string change)
    {
        var person = await AddAdministratorAsync();
        foreach (var node in fixture.Nodes)
            Assert.True(await IsCurrentAsync(node, person));

        var users = fixture.A.Services.GetRequiredService<UserService>();
        switch (change)
        {
            case "disable":
                Assert.IsType<UserOutcome.Done>(await users.DisableAsync(fixture.A.Administrator, person.Id));
                break;
            case "change role":
                Assert.IsType<UserOutcome.Done>(await users.ChangeRoleAsync(fixture.A.Administrator, person.Id, Role.Viewer));
                break;
            case "reset password":
                Assert.IsType<UserOutcome.Done>(await users.ResetPasswordAsync(fixture.A.Administrator, person.Id));
                break;
            case "remove":
                Assert.IsType<UserOutcome.Done>(await users.RemoveAsync(fixture.A.Administrator, person.Id));
                break;
            default:
                await EndSessionAsync(person);
                break;
        }

        foreach (var node in fixture.Nodes)
            Assert.False(await IsCurrentAsync(node, person));
    }

    [Fact]
    public async Task Session_BegunOnOneNode_IsValidAtOnceOnEveryNode()
    {
        var person = await AddAdministratorAsync();
        var session = Guid.CreateVersion7().ToString("N");
        foreach (var node in fixture.Nodes)
            Assert.False(await IsCurrentAsync(node, person with { SessionId = session }));
        await using (var context = await fixture.A.ContextAsync())
        {
            context.UserSessions.Add(SessionOf(person, session));
            await context.SaveChangesAsync(Cancellation);
        }

        foreach (var node in fixture.Nodes)
            Assert.True(await IsCurrentAsync(node, person with { SessionId = session }));
    }

    [Fact]
    public async Task IdempotencyKey_OnAllNodesAtOnce_MakesOneChange()
    {
        var (caller, token) = (await fixture.A.CreateTokenAsync(), await fixture.A.CreateTokenAsync());
        foreach (var (path, body, status) in new[]
        {
            (ApiCalls.TokensPath, """{"name":"Only one of all nodes","extension":{"id":"EXT-001"}}""", HttpStatusCode.Created),
            ($"{ApiCalls.TokensPath}/{token.Handle}/rotate", """{"overlap":"PT1H"}""", HttpStatusCode.OK),
            ($"{ApiCalls.TokensPath}/bulk", $$"""{"action":"rotate","ids":["{{token.Handle}}"]}""", HttpStatusCode.OK),
        })
        {
            List<Task<HttpResponseMessage>> calls;
            await using (await ChangeLock.TakeAsync(fixture.Connection))
            {
                calls = [.. fixture.Nodes.Select(node => node.CallAsync(caller, "POST", path, body, idempotencyKey: "one-" + path.Length))];
                await ChangeLock.WaitForAsync(fixture.Connection, 3);
            }

            var answers = new List<string>();
            foreach (var call in calls)
                answers.Add((await call.JsonAsync(status)).GetRawText());
            Assert.Single(answers.Distinct());
            Assert.Contains("SU-", answers[0], StringComparison.Ordinal);
        }
    }

    private async Task<Actor> AddAdministratorAsync()
    {
        var id = Guid.CreateVersion7().ToString("N");
        var person = fixture.A.Administrator with { Id = id, Name = id, SecurityStamp = TestUsers.StampOf(id), SessionId = Guid.CreateVersion7().ToString("N") };
        await using var context = await fixture.A.ContextAsync();
        context.AddUser(person);
        context.UserSessions.Add(SessionOf(person, person.SessionId));
        await context.SaveChangesAsync(Cancellation);
        return person;
    }

    private UserSession SessionOf(Actor person, string id)
    {
        var now = fixture.A.Clock.GetUtcNow().UtcDateTime;
        return new UserSession { Id = id, UserId = person.Id, CreatedAt = now, LastSeenAt = now, ProvedAt = now, Browser = "" };
    }

    private async Task EndSessionAsync(Actor person)
    {
        await using var context = await fixture.A.ContextAsync();
        context.UserSessions.RemoveRange(await context.UserSessions.Where(session => session.UserId == person.Id).ToListAsync(Cancellation));
        await context.SaveChangesAsync(Cancellation);
    }

    private static Task<UserOutcome> DisableAsync(PortalHost node, Actor actor, Actor other) =>
        node.Services.GetRequiredService<UserService>().DisableAsync(actor, other.Id);

    private static async Task<bool> IsCurrentAsync(PortalHost node, Actor person) => await node.Services.GetRequiredService<AccessControl>().IsCurrentAsync(person);
}
