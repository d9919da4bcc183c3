using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Users;

/// <summary>Invitations and links for new passwords, from their creation to their use.</summary>
public sealed class OneTimeLinkServiceTests
{
    private const string Password = "a long sentence to remember";

    [Fact]
    public async Task Accept_Invitation_CreatesTheUserWithTheRole_Once()
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = await InviteAsync(portal, " ben@example.com ", Role.Operator);

        Assert.Equal(new OpenedLink("ben@example.com", "Main account", null, Role.Operator), await UseAsync(portal, links => links.OpenAsync(OneTimeLinkPurpose.Invitation, link.Code)));
        Assert.Empty(await UseAsync(portal, links => links.AcceptAsync($" {link.Code} ", " Ben ", Password)));

        var list = await ListAsync(portal);
        Assert.Empty(list.Invitations);
        var ben = list.Users.Single(user => user.Email == "ben@example.com");
        Assert.Equal(("Ben", Role.Operator, false, portal.Now), (ben.Name, ben.Role, ben.IsDisabled, ben.CreatedAt));
        Assert.Equal([AuditAction.UserInvited, AuditAction.UserCreated], (await portal.AuditAsync()).Select(entry => entry.Action));
        await AssertEndedAsync(portal, link);
    }

    [Fact]
    public async Task Accept_TwiceAtOnce_CreatesOneUser()
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = await InviteAsync(portal);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => UseAsync(portal, links => links.AcceptAsync(link.Code, $"Ben {i}", Password)))));

        Assert.Single(outcomes, faults => faults.Count == 0);
        Assert.Single((await ListAsync(portal)).Users, user => user.Email == link.Email);
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("withdrawn")]
    [InlineData("replaced")]
    [InlineData("for another purpose")]
    [InlineData("garbled")]
    [InlineData("absent")]
    public async Task Accept_LinkThatDoesNotWork_SaysSoAndCreatesNobody(string kind)
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = await InviteAsync(portal);
        switch (kind)
        {
            case "expired":
                portal.Clock.Advance(OneTimeLinks.Lifetime);
                break;
            case "withdrawn":
                await Invitations(portal).WithdrawAsync(portal.Administrator, (await ListAsync(portal)).Invitations[0].Id);
                break;
            case "replaced":
                await InviteAsync(portal, "BEN@example.com");
                break;
            case "for another purpose":
                link = Assert.IsType<UserOutcome.Done>(await portal.Services.GetRequiredService<UserService>().ResetPasswordAsync(portal.Administrator, portal.Viewer.Id)).Link!;
                break;
            default:
                link = link with { Code = kind == "garbled" ? new string('x', 5000) : "" };
                break;
        }

        await AssertEndedAsync(portal, link);
        Assert.DoesNotContain((await ListAsync(portal)).Users, user => user.Email == "ben@example.com");
    }

    [Theory]
    [InlineData("", Password, UserField.Name)]
    [InlineData("Ben", "short", UserField.Password)]
    [InlineData("Ben", "password1234", UserField.Password)]
    [InlineData("Benjamin Bartholomew", "bartholomew", UserField.Password)]
    [InlineData("Ben", "ben@example.com", UserField.Password)]
    public async Task Accept_WrongInput_PointsAtTheFieldAndKeepsTheLink(string name, string password, UserField field)
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = await InviteAsync(portal);

        Assert.Equal([field], (await UseAsync(portal, links => links.AcceptAsync(link.Code, name, password))).Select(fault => fault.Field));
        Assert.Empty(await UseAsync(portal, links => links.AcceptAsync(link.Code, "Ben", Password)));
    }

    [Theory]
    [InlineData("user-Viewer@example.com", "A user with this email address already exists.")]
    [InlineData("stranger@example.com", "A user with this email address already exists.")]
    [InlineData("", "Enter")]
    [InlineData("not an address", "")]
    [InlineData("\uFFFE@example.com", "")]
    [InlineData("\uD800@example.com", "")]
    [InlineData("moc.elpmaxe\u202E@example.com", "")]
    public async Task Invite_AddressThatCannotBeInvited_IsRefused(string email, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var invalid = Assert.IsType<UserOutcome.Invalid>(await Invitations(portal).InviteAsync(portal.Administrator, email, Role.Viewer));
        Assert.StartsWith(expected, Assert.Single(invalid.Faults).Message, StringComparison.Ordinal);
        Assert.Empty((await ListAsync(portal)).Invitations);
    }

    [Fact]
    public async Task Invite_SameAddressAgain_HasOneInvitationWithTheNewRole()
    {
        await using var portal = await TestPortal.CreateAsync();
        await InviteAsync(portal, role: Role.Viewer);
        var link = await InviteAsync(portal, role: Role.Administrator);

        Assert.Equal(Role.Administrator, Assert.Single((await ListAsync(portal)).Invitations).Role);
        Assert.NotNull(await UseAsync(portal, links => links.OpenAsync(OneTimeLinkPurpose.Invitation, link.Code)));
    }

    [Fact]
    public async Task Invite_BelowAdministratorOrElsewhere_IsDeniedOrFindsNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        await InviteAsync(portal);
        var id = (await ListAsync(portal)).Invitations[0].Id;
        await Assert.ThrowsAsync<AccessDeniedException>(() => Invitations(portal).InviteAsync(portal.Operator, "eve@example.com", Role.Administrator));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Invitations(portal).WithdrawAsync(portal.Operator, id));
        Assert.IsType<UserOutcome.NotFound>(await Invitations(portal).WithdrawAsync(portal.OtherAccountActor, id));
    }

    [Fact]
    public async Task Code_IsInNoRowAndNoAuditEntry()
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = await InviteAsync(portal);
        await using var context = await portal.OpenAsync();
        var stored = await context.OneTimeLinks.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(OneTimeCode.HashOf(link.Code), stored.CodeHash);
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.Details?.Contains(link.Code, StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task SetPassword_WithTheLink_ReplacesThePassword_Once()
    {
        await using var portal = await TestPortal.CreateAsync();
        var link = Assert.IsType<UserOutcome.Done>(await portal.Services.GetRequiredService<UserService>().ResetPasswordAsync(portal.Administrator, portal.Viewer.Id)).Link!;

        Assert.Equal([UserField.Password], (await UseAsync(portal, links => links.SetPasswordAsync(link.Code, "password1234"))).Select(fault => fault.Field));
        Assert.Empty(await UseAsync(portal, links => links.SetPasswordAsync(link.Code, Password)));

        Assert.Equal([UserField.Link], (await UseAsync(portal, links => links.SetPasswordAsync(link.Code, Password))).Select(fault => fault.Field));
        Assert.Null((await ListAsync(portal)).Users.Single(user => user.Id == portal.Viewer.Id).NewPasswordUntil);
        Assert.Equal([AuditAction.PasswordReset, AuditAction.PasswordChanged], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    private static async Task AssertEndedAsync(TestPortal portal, IssuedLink link)
    {
        Assert.Null(await UseAsync(portal, links => links.OpenAsync(OneTimeLinkPurpose.Invitation, link.Code)));
        var fault = Assert.Single(await UseAsync(portal, links => links.AcceptAsync(link.Code, "Eve", Password)));
        Assert.Equal(UserField.Link, fault.Field);
        Assert.StartsWith("This link doesn't work.", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<IssuedLink> InviteAsync(TestPortal portal, string email = "ben@example.com", Role role = Role.Viewer) =>
        Assert.IsType<UserOutcome.Done>(await Invitations(portal).InviteAsync(portal.Administrator, email, role)).Link!;

    private static InvitationService Invitations(TestPortal portal) => portal.Services.GetRequiredService<InvitationService>();

    private static Task<UserList> ListAsync(TestPortal portal) => portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator);

    private static async Task<T> UseAsync<T>(TestPortal portal, Func<OneTimeLinkService, Task<T>> use)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<OneTimeLinkService>());
    }
}
