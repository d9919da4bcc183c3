using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Scim;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Scim;

/// <summary>What the directory's changes do to users.</summary>
public sealed class ScimServiceTests
{
    private static readonly Actor Scim = ScimActor.Of(TestPortal.Account);
    private static readonly ScimCondition Any = new([]);

    private static readonly Dictionary<string, string?> Mapping = new()
    {
        ["Scim:Token"] = ScimHost.Token, ["Scim:Roles:Viewer:0"] = "Everyone", ["Scim:Roles:Operator:0"] = "Operators", ["Scim:Roles:Administrator:0"] = "Administrators",
    };

    [Fact]
    public async Task Disable_ByTheDirectory_EndsTheSessionAndLinksAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var (id, groupId) = await AddMemberAsync(portal, "ada@example.com", "Administrators");
        var ada = await SessionOfAsync(portal, id);
        await portal.Reader.ListAsync(ada, new TokenQuery());
        await portal.Services.GetRequiredService<InvitationService>().InviteAsync(ada, "accomplice@example.com", Role.Administrator);

        var user = await Users(portal).ChangeAsync(Scim, id, Any, before => InputOf(before) with { IsActive = false });

        Assert.False(user.IsActive);
        Assert.False(await portal.Services.GetRequiredService<AccessControl>().IsCurrentAsync(ada));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(ada, new TokenQuery()));
        Assert.Empty((await portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator)).Invitations);
        var entry = (await portal.AuditAsync()).Last();
        Assert.Equal((AuditAction.UserDisabled, "SCIM", "system", id), (entry.Action, entry.ActorName, entry.ActorKind, entry.TargetId));

        // A group doesn't enable a user whom the directory has disabled.
        await Groups(portal).ChangeAsync(Scim, groupId, Any, _ => new ScimGroupInput("Operators", null, [id]));
        Assert.True((await EntryAsync(portal, id)).IsDisabled);
        await Users(portal).ChangeAsync(Scim, id, Any, before => InputOf(before) with { IsActive = true });
        var enabled = await EntryAsync(portal, id);
        Assert.Equal((false, Role.Operator, true), (enabled.IsDisabled, enabled.Role, enabled.IsManaged));
    }

    [Fact]
    public async Task Role_OfAUser_IsTheHighestOfTheirGroups()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var id = (await Users(portal).CreateAsync(Scim, Input("ben@example.com"))).Id;
        Assert.Equal((true, true), await StateAsync(portal, id)); // Without a role, nobody can sign in.

        var everyone = (await Groups(portal).CreateAsync(Scim, new ScimGroupInput("EVERYONE", null, [id]))).Id;
        Assert.Equal(Role.Viewer, await RoleAsync(portal, id));
        Assert.Equal((false, false), await StateAsync(portal, id));
        var operators = (await Groups(portal).CreateAsync(Scim, new ScimGroupInput("Operators", null, [id]))).Id;
        Assert.Equal(Role.Operator, await RoleAsync(portal, id));

        var session = await SessionOfAsync(portal, id);
        await Groups(portal).ChangeAsync(Scim, operators, Any, _ => new ScimGroupInput("Another name", null, [id]));
        Assert.Equal(Role.Viewer, await RoleAsync(portal, id));
        Assert.False(await portal.Services.GetRequiredService<AccessControl>().IsCurrentAsync(session));
        await Groups(portal).ChangeAsync(Scim, operators, Any, _ => new ScimGroupInput("Administrators", null, [id]));
        Assert.Equal(Role.Administrator, await RoleAsync(portal, id));
        await Groups(portal).RemoveAsync(Scim, operators, Any);
        Assert.Equal(Role.Viewer, await RoleAsync(portal, id));
        await Groups(portal).ChangeAsync(Scim, everyone, Any, _ => new ScimGroupInput("Everyone", null, []));
        Assert.Equal((true, true), await StateAsync(portal, id));
        Assert.True((await Users(portal).FindAsync(Scim, id)).IsActive);
        Assert.Contains("\"role\":{\"from\":\"Viewer\",\"to\":\"\"}", (await portal.AuditAsync()).Last().Details, StringComparison.Ordinal);
    }

    /// <summary>Each of these would leave nobody who can manage Portal.</summary>
    [Theory]
    [InlineData("disable")]
    [InlineData("remove")]
    [InlineData("demote both at once")]
    [InlineData("rename the group")]
    [InlineData("remove the group")]
    public async Task LastAdministrator_CannotBeTakenAway(string change)
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var (first, groupId) = await AddMemberAsync(portal, "ada@example.com", "Administrators");
        var second = await CreateAsync(portal, "ben@example.com");
        if (change == "demote both at once")
            await Groups(portal).ChangeAsync(Scim, groupId, Any, before => new ScimGroupInput(before.DisplayName, null, [first, second]));
        await portal.ExecuteAsync("DELETE FROM AspNetUserRoles WHERE UserId = 'user-Administrator'");
        var audited = (await portal.AuditAsync()).Count;

        var refused = await Assert.ThrowsAsync<ScimException>(() => change switch
        {
            "disable" => Users(portal).ChangeAsync(Scim, first, Any, before => InputOf(before) with { IsActive = false }),
            "remove" => Users(portal).RemoveAsync(Scim, first, Any),
            "rename the group" => Groups(portal).ChangeAsync(Scim, groupId, Any, before => new ScimGroupInput("Others", null, [first])),
            "remove the group" => Groups(portal).RemoveAsync(Scim, groupId, Any),
            _ => Groups(portal).ChangeAsync(Scim, groupId, Any, _ => new ScimGroupInput("Administrators", null, [])),
        });

        Assert.Equal(409, refused.Status);
        Assert.Equal(Role.Administrator, await RoleAsync(portal, first));
        Assert.Equal(audited, (await portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task Remove_User_EndsTheSessionAndKeepsTheNameOfTheCreator()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var (id, _) = await AddMemberAsync(portal, "ada@example.com", "Operators");
        var ada = await SessionOfAsync(portal, id);
        var created = Assert.IsType<Portal.Tokens.TokenOutcome.Done>(await portal.Tokens.CreateAsync(ada, TestTokens.Wanted("Ada's")));

        await Users(portal).RemoveAsync(Scim, id, Any);

        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(ada, new TokenQuery()));
        Assert.Equal("ada@example.com", (await portal.Reader.FindAsync(portal.Administrator, created.Handle))!.Created.ByName);
        Assert.Equal(404, (await Assert.ThrowsAsync<ScimException>(() => Users(portal).FindAsync(Scim, id))).Status);
        Assert.Empty((await Groups(portal).ListAsync(Scim)).Single().Members!);
    }

    /// <summary>SCIM neither sees nor takes over a user that it didn't create.</summary>
    [Fact]
    public async Task LocalUsers_AreOutOfReach()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        Assert.Empty(await Users(portal).ListAsync(Scim));
        foreach (var input in new[] { Input("USER-Viewer"), Input("new") with { Email = "user-viewer@EXAMPLE.com" }, Input("stranger") })
            Assert.Equal((409, "uniqueness"), await RefusalAsync(() => Users(portal).CreateAsync(Scim, input)));
        foreach (var id in new[] { portal.Viewer.Id, portal.OtherAccountActor.Id })
        {
            Assert.Equal((404, null), await RefusalAsync(() => Users(portal).ChangeAsync(Scim, id, Any, InputOf)));
            Assert.Equal((404, null), await RefusalAsync(() => Users(portal).RemoveAsync(Scim, id, Any)));
            Assert.Equal((400, "invalidValue"), await RefusalAsync(() => Groups(portal).CreateAsync(Scim, new ScimGroupInput("Administrators", null, [id]))));
        }

        var managed = (await Users(portal).CreateAsync(Scim, Input("ben@example.com"))).Id;
        Assert.Equal((409, "uniqueness"), await RefusalAsync(() => Users(portal).ChangeAsync(Scim, managed, Any, before => InputOf(before) with { Email = "user-viewer@example.com" })));
        Assert.Equal((404, null), await RefusalAsync(() => Users(portal).FindAsync(ScimActor.Of(TestPortal.OtherAccount), managed)));
    }

    [Fact]
    public async Task Group_TooManyMembersOrNoName_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        string[] many = [.. Enumerable.Range(0, ScimGroupService.MostMembers + 1).Select(i => $"{i}")];
        Assert.Equal((400, "invalidValue"), await RefusalAsync(() => Groups(portal).CreateAsync(Scim, new ScimGroupInput("Many", null, many))));
        Assert.Equal((400, "invalidValue"), await RefusalAsync(() => Groups(portal).CreateAsync(Scim, new ScimGroupInput(new string('x', 256), null, []))));
    }

    /// <summary>If groups decide the role, a change on the page would last until the next change of a group.</summary>
    [Fact]
    public async Task ChangeRole_OfAManagedUser_IsRefusedIfGroupsDecideIt()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var (id, _) = await AddMemberAsync(portal, "ada@example.com", "Operators");
        var locals = portal.Services.GetRequiredService<UserService>();
        Assert.Contains("Change the groups in the directory.", Assert.IsType<UserOutcome.Refused>(await locals.ChangeRoleAsync(portal.Administrator, id, Role.Administrator)).Message, StringComparison.Ordinal);
        Assert.IsType<UserOutcome.Done>(await locals.ChangeRoleAsync(portal.Administrator, portal.Viewer.Id, Role.Operator));
        Assert.IsType<UserOutcome.Done>(await locals.DisableAsync(portal.Administrator, id));
        Assert.IsType<UserOutcome.Done>(await locals.EnableAsync(portal.Administrator, id));
        Assert.NotNull(Assert.IsType<UserOutcome.Done>(await locals.ResetPasswordAsync(portal.Administrator, id)).Link);

        var nobody = await CreateAsync(portal, "no address");
        Assert.Contains("none of their groups", Assert.IsType<UserOutcome.Refused>(await locals.EnableAsync(portal.Administrator, nobody)).Message, StringComparison.Ordinal);
        Assert.Contains("no email address", Assert.IsType<UserOutcome.Refused>(await locals.ResetPasswordAsync(portal.Administrator, nobody)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangeRole_WithoutAMapping_GivesTheFirstRole()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Scim:Token"] = ScimHost.Token });
        var id = await CreateAsync(portal, "ada@example.com");
        var locals = portal.Services.GetRequiredService<UserService>();
        Assert.Equal((true, true), await StateAsync(portal, id));
        Assert.IsType<UserOutcome.Refused>(await locals.EnableAsync(portal.Administrator, id));
        Assert.IsType<UserOutcome.Done>(await locals.ChangeRoleAsync(portal.Administrator, id, Role.Operator));
        Assert.Equal((false, false), await StateAsync(portal, id));
        await Groups(portal).CreateAsync(Scim, new ScimGroupInput("Administrators", null, [id]));
        Assert.Equal(Role.Operator, await RoleAsync(portal, id));
    }

    /// <summary>The mapping changed while Portal was stopped.</summary>
    [Fact]
    public async Task Start_WithAnotherMapping_AppliesIt()
    {
        string directory, id;
        await using (var portal = await TestPortal.CreateAsync(directory: System.IO.Directory.CreateTempSubdirectory("portal-test-").FullName, settings: Mapping))
        {
            directory = portal.Directory;
            (id, _) = await AddMemberAsync(portal, "ada@example.com", "Operators");
        }

        await using (var portal = await TestPortal.CreateAsync(directory, new(Mapping) { ["Scim:Roles:Administrator:1"] = "Operators" }))
        {
            await ActivatorUtilities.CreateInstance<ScimRoleSync>(portal.Services).ApplyAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Role.Administrator, await RoleAsync(portal, id));
        }

        await TemporaryDirectory.DeleteAsync(directory);
    }

    [Fact]
    public async Task Change_OfAttributes_IsAuditedWithTheDifferences()
    {
        await using var portal = await TestPortal.CreateAsync(settings: Mapping);
        var id = await CreateAsync(portal, "ada@example.com");
        await portal.Services.GetRequiredService<UserService>().ResetPasswordAsync(portal.Administrator, id);
        Assert.NotNull((await EntryAsync(portal, id)).NewPasswordUntil);

        await Users(portal).ChangeAsync(Scim, id, Any, before => InputOf(before) with { DisplayName = "Ada Lovelace", Email = "ada@example.org" });

        var entry = (await portal.AuditAsync()).Last();
        Assert.Equal(AuditAction.UserUpdated, entry.Action);
        Assert.Null((await EntryAsync(portal, id)).NewPasswordUntil); // It went to the former address.
        Assert.Equal("""{"name":{"from":"ada@example.com","to":"Ada Lovelace"},"email":{"from":"ada@example.com","to":"ada@example.org"}}""", entry.Details);
    }

    private static ScimUserService Users(TestPortal portal) => portal.Services.GetRequiredService<ScimUserService>();

    private static ScimGroupService Groups(TestPortal portal) => portal.Services.GetRequiredService<ScimGroupService>();

    private static async Task<string> CreateAsync(TestPortal portal, string userName) => (await Users(portal).CreateAsync(Scim, Input(userName))).Id;

    private static ScimUserInput Input(string userName) => new(userName, null, null, null, null, null, null);

    private static ScimUserInput InputOf(ScimUserRecord user) => new(user.UserName, user.DisplayName, user.GivenName, user.FamilyName, user.Email, user.ExternalId, null);

    private static async Task<(int Status, string? Type)> RefusalAsync(Func<Task> action)
    {
        var refused = await Assert.ThrowsAsync<ScimException>(action);
        return (refused.Status, refused.Type);
    }

    private static async Task<(string UserId, string GroupId)> AddMemberAsync(TestPortal portal, string userName, string group)
    {
        var id = (await Users(portal).CreateAsync(Scim, Input(userName))).Id;
        return (id, (await Groups(portal).CreateAsync(Scim, new ScimGroupInput(group, null, [id]))).Id);
    }

    private static async Task<Actor> SessionOfAsync(TestPortal portal, string id)
    {
        await using var context = await portal.OpenAsync();
        var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == id);
        return new Actor(ActorKind.User, id, user.DisplayName, user.AccountId, await RoleAsync(portal, id)) { SecurityStamp = user.SecurityStamp };
    }

    private static async Task<UserEntry> EntryAsync(TestPortal portal, string id) =>
        (await portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator)).Users.Single(user => user.Id == id);

    private static async Task<(bool IsDisabled, bool HasNoRole)> StateAsync(TestPortal portal, string id) =>
        await EntryAsync(portal, id) is var entry ? (entry.IsDisabled, entry.HasNoRole) : default;

    private static async Task<Role> RoleAsync(TestPortal portal, string id) => (await portal.Services.GetRequiredService<UserStates>().GetAsync(id))!.Role;
}
