using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Accounts.Users;

public sealed class UserServiceTests
{
    [Fact]
    public async Task ChangeRole_OfAnotherUser_IsStoredAuditedAndEndsTheSession()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.Reader.ListAsync(portal.Operator, new TokenQuery());

        Assert.IsType<UserOutcome.Done>(await Users(portal).ChangeRoleAsync(portal.Administrator, portal.Operator.Id, Role.Viewer));

        Assert.Equal(Role.Viewer, (await ListAsync(portal)).Users.Single(user => user.Id == portal.Operator.Id).Role);
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Operator, new TokenQuery()));
        var entry = Assert.Single(await portal.AuditAsync());
        Assert.Equal((AuditAction.UserRoleChanged, portal.Operator.Id), (entry.Action, entry.TargetId));
        Assert.Equal("""{"role":{"from":"Operator","to":"Viewer"}}""", entry.Details);
    }

    [Fact]
    public async Task ChangeRole_ToTheSameRole_ChangesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.IsType<UserOutcome.Done>(await Users(portal).ChangeRoleAsync(portal.Administrator, portal.Operator.Id, Role.Operator));
        Assert.Empty(await portal.AuditAsync());
        await portal.Reader.ListAsync(portal.Operator, new TokenQuery());
    }

    [Fact]
    public async Task Disable_AndEnable_EndTheSessionAndAllowANewOne()
    {
        await using var portal = await TestPortal.CreateAsync();

        Assert.IsType<UserOutcome.Done>(await Users(portal).DisableAsync(portal.Administrator, portal.Viewer.Id));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
        Assert.True((await ListAsync(portal)).Users.Single(user => user.Id == portal.Viewer.Id).IsDisabled);

        Assert.IsType<UserOutcome.Done>(await Users(portal).EnableAsync(portal.Administrator, portal.Viewer.Id));
        Assert.False((await ListAsync(portal)).Users.Single(user => user.Id == portal.Viewer.Id).IsDisabled);
        // The cookie of the earlier session stays invalid.
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
        Assert.Equal([AuditAction.UserDisabled, AuditAction.UserEnabled], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Remove_UserWithTokens_KeepsTheTokensAndTheNameOfTheirCreator()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;

        Assert.IsType<UserOutcome.Done>(await Users(portal).RemoveAsync(portal.Administrator, portal.Operator.Id));

        var token = await portal.Reader.FindAsync(portal.Administrator, handle, TestContext.Current.CancellationToken);
        Assert.Equal(portal.Operator.Name, token!.Created.ByName);
        Assert.DoesNotContain((await ListAsync(portal)).Users, user => user.Id == portal.Operator.Id);
        Assert.IsType<UserOutcome.NotFound>(await Users(portal).EnableAsync(portal.Administrator, portal.Operator.Id));
    }

    [Fact]
    public async Task Change_OfOneself_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (users, self) = (Users(portal), portal.Administrator.Id);
        foreach (var change in Changes(users, portal.Administrator, self))
            Assert.StartsWith("You can't change your own user here.", Assert.IsType<UserOutcome.Refused>(await change()).Message, StringComparison.Ordinal);
        Assert.Empty(await portal.AuditAsync());
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Change_BelowAdministrator_IsDenied(Role role)
    {
        await using var portal = await TestPortal.CreateAsync();
        var actor = role == Role.Viewer ? portal.Viewer : portal.Operator;
        foreach (var change in Changes(Users(portal), actor, portal.Administrator.Id))
            await Assert.ThrowsAsync<AccessDeniedException>(change);
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Services.GetRequiredService<UserReader>().ListAsync(actor));
    }

    [Fact]
    public async Task Change_InAnotherAccount_FindsNobody()
    {
        await using var portal = await TestPortal.CreateAsync();
        foreach (var change in Changes(Users(portal), portal.OtherAccountActor, portal.Viewer.Id))
            Assert.IsType<UserOutcome.NotFound>(await change());
        Assert.Equal([portal.OtherAccountActor.Id], (await portal.Services.GetRequiredService<UserReader>().ListAsync(portal.OtherAccountActor)).Users.Select(user => user.Id));
    }

    /// <summary>Whichever comes first wins, and the other is no longer an administrator.</summary>
    [Fact]
    public async Task ChangeRole_TwoAdministratorsDemoteEachOtherAtOnce_OneStaysAdministrator()
    {
        await using var portal = await TestPortal.CreateAsync();
        var second = new Actor(ActorKind.User, "second", "Second", TestPortal.Account, Role.Administrator) { SecurityStamp = TestUsers.StampOf("second") };
        await using (var context = await portal.OpenAsync())
        {
            context.AddUser(second);
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var attempts = new[] { (portal.Administrator, second.Id), (second, portal.Administrator.Id) }
            .Select(pair => Task.Run(async () => await Record.ExceptionAsync(() => Users(portal).ChangeRoleAsync(pair.Item1, pair.Item2, Role.Viewer))));
        var failures = (await Task.WhenAll(attempts)).OfType<Exception>().ToList();

        Assert.IsType<SessionEndedException>(Assert.Single(failures));
        await using var stored = await portal.OpenAsync();
        Assert.Equal(1, await stored.UserRoles.CountAsync(
            held => held.RoleId == nameof(Role.Administrator) && stored.Users.Any(user => user.Id == held.UserId && user.AccountId == TestPortal.Account),
            TestContext.Current.CancellationToken));
    }

    /// <summary>With a link of their own, former administrators could become one again.</summary>
    [Theory]
    [InlineData("demoted")]
    [InlineData("disabled")]
    [InlineData("removed")]
    public async Task Change_OfAnAdministrator_EndsTheLinksThatTheyHandedOut(string change)
    {
        await using var portal = await TestPortal.CreateAsync();
        var second = new Actor(ActorKind.User, "second", "Second", TestPortal.Account, Role.Administrator) { SecurityStamp = TestUsers.StampOf("second") };
        await using (var context = await portal.OpenAsync())
        {
            context.AddUser(second);
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await portal.Services.GetRequiredService<InvitationService>().InviteAsync(second, "accomplice@example.com", Role.Administrator);
        await Users(portal).ResetPasswordAsync(second, portal.Viewer.Id);
        await portal.Services.GetRequiredService<InvitationService>().InviteAsync(portal.Administrator, "ben@example.com", Role.Viewer);

        await (change switch
        {
            "demoted" => Users(portal).ChangeRoleAsync(portal.Administrator, second.Id, Role.Operator),
            "disabled" => Users(portal).DisableAsync(portal.Administrator, second.Id),
            _ => Users(portal).RemoveAsync(portal.Administrator, second.Id),
        });

        var list = await ListAsync(portal);
        Assert.Equal("ben@example.com", Assert.Single(list.Invitations).Email);
        Assert.All(list.Users, user => Assert.Null(user.NewPasswordUntil));
    }

    /// <summary>A copy of the cookie from before must not work again.</summary>
    [Fact]
    public async Task ChangeRole_ThereAndBack_LeavesFormerSessionsEnded()
    {
        await using var portal = await TestPortal.CreateAsync();
        await Users(portal).ChangeRoleAsync(portal.Administrator, portal.Operator.Id, Role.Viewer);
        await Users(portal).ChangeRoleAsync(portal.Administrator, portal.Operator.Id, Role.Operator);
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Operator, new TokenQuery()));
    }

    [Fact]
    public async Task ResetPassword_EndsThePasswordAndSessions_AndReturnsALink()
    {
        await using var portal = await TestPortal.CreateAsync();

        var done = Assert.IsType<UserOutcome.Done>(await Users(portal).ResetPasswordAsync(portal.Administrator, portal.Viewer.Id));

        Assert.Equal(portal.Now + OneTimeLinks.Lifetime, done.Link!.ExpiresAt);
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
        Assert.Equal(done.Link.ExpiresAt, (await ListAsync(portal)).Users.Single(user => user.Id == portal.Viewer.Id).NewPasswordUntil);
        Assert.DoesNotContain(done.Link.Code, done.Link.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<Func<Task<UserOutcome>>> Changes(UserService users, Actor actor, string userId) =>
    [
        () => users.ChangeRoleAsync(actor, userId, Role.Viewer),
        () => users.DisableAsync(actor, userId),
        () => users.EnableAsync(actor, userId),
        () => users.RemoveAsync(actor, userId),
        () => users.ResetPasswordAsync(actor, userId),
    ];

    private static UserService Users(TestPortal portal) => portal.Services.GetRequiredService<UserService>();

    private static Task<UserList> ListAsync(TestPortal portal) => portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator);
}
