using Portal.Audit;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>Users have the role that their groups at the provider have.</summary>
[Collection(ProviderTests.Name)]
public sealed class ProviderRolesTests(ProviderHost host)
{
    [Fact]
    public async Task Roles_GroupsChange_ChangeTheRoleAndEndOtherSessions()
    {
        var person = host.Real.Add(TestPerson.Create() with { Groups = ["viewers", "operators"] });
        using var browser = host.Open();
        await browser.SignInAsync(person);
        host.Real.Add(person with { Groups = ["viewers"] });
        using var another = host.Open();
        await another.SignInAsync(person);

        Assert.Equal("Viewer", await host.RoleOfAsync(person.Subject));
        await browser.OpenAsync("/tokens");
        Assert.Equal("/login", browser.Address.AbsolutePath);
        var user = (await host.FindUserAsync(person.Subject))!;
        var entry = Assert.Single(await host.AuditAsync(person.Subject), entry => entry.Action == AuditAction.UserRoleChanged);
        Assert.Equal(("Example Login", """{"role":{"from":"Operator","to":"Viewer"}}"""), (entry.ActorName, entry.Details));

        host.Real.Add(person with { Groups = ["others"] });
        using var last = host.Open();
        await last.SignInAsync(person);
        Assert.Equal("NoRole", last.Problem);
        Assert.Empty(await host.SessionsAsync(user));
    }

    [Fact]
    public async Task Roles_LastAdministratorLeavesTheGroup_StaysAdministrator()
    {
        var person = host.Real.Add(TestPerson.Create() with { Groups = ["admins"] });
        using var browser = host.Open();
        await browser.SignInAsync(person);
        host.Real.Add(person with { Groups = ["viewers"] });
        await host.DisableAsync(host.Portal.Administrator.Id, true);
        try
        {
            using var another = host.Open();
            await another.SignInAsync(person);
            Assert.Equal("/tokens", another.Address.AbsolutePath);
            Assert.Equal("Administrator", await host.RoleOfAsync(person.Subject));
        }
        finally
        {
            await host.DisableAsync(host.Portal.Administrator.Id, false);
        }

        using var last = host.Open();
        await last.SignInAsync(person);
        Assert.Equal("Viewer", await host.RoleOfAsync(person.Subject));
    }
}
