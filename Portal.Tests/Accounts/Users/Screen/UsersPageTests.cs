using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Accounts.Users.Screen;
using Portal.Scim;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.Users.Screen;

public sealed class UsersPageTests : PageTestContext
{
    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public void Render_BelowAdministrator_ShowsNobody(Role role)
    {
        var page = Open(role);
        Assert.StartsWith("Only administrators can manage users.", page.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Empty(page.FindAll("table"));
    }

    [Fact]
    public void Render_Administrator_ListsThePeopleByName_WithoutActionsForOneself()
    {
        var page = Open();
        Assert.Equal(["An Administrator", "An Operator", "An Viewer"], page.Texts("td bdi"));
        Assert.Equal("You", page.FindAll("tr").Single(row => row.Words().StartsWith("An Administrator", StringComparison.Ordinal)).QuerySelector(".cell-menu")!.Words());
        Assert.False(page.HasButton("Actions for An Administrator"));
    }

    [Fact]
    public async Task Invite_Address_ShowsTheLinkOnceAndListsTheInvitation()
    {
        var page = Open();
        page.Button("Invite user").Click();
        Dialogs.WaitForElement("input[type=text]").Input("ben@example.com");
        await Dialogs.Button("Create invitation link").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Matches("^http://localhost/join#[A-Za-z0-9_-]{43}$", Dialogs.Find(".key-value").TextContent));
        await Dialogs.Button("Done").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("ben@example.com", page.Texts("td")));
        Assert.DoesNotContain("join#", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invite_AddressOfAUser_PointsAtTheField()
    {
        var page = Open();
        page.Button("Invite user").Click();
        Dialogs.WaitForElement("input[type=text]").Input("user-Viewer@example.com");
        await Dialogs.Button("Create invitation link").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Equal("A user with this email address already exists.", Dialogs.FaultOf("Email")));
    }

    [Fact]
    public async Task Menu_ChangeRole_ChangesIt()
    {
        var page = Open();
        await OpenMenuAsync(page, "An Viewer");
        Choose("Change role");
        WaitForDialog("Role of An Viewer");
        await Dialogs.Find("input[value=Operator]").ChangeAsync("Operator");
        Dialogs.FindAll("button")[^1].Click();
        Messages.WaitForAssertion(() => Assert.Contains("An Viewer now has the role Operator", Messages.Markup, StringComparison.Ordinal));
        Assert.Equal(Role.Operator, (await Server.Services.GetRequiredService<UserReader>().ListAsync(Server.Administrator)).Users.Single(user => user.Name == "An Viewer").Role);
    }

    [Fact]
    public async Task Menu_DisableAndRemove_AskFirst()
    {
        var page = Open();
        await OpenMenuAsync(page, "An Viewer");
        Choose("Disable");
        Assert.Contains("Tokens that the user created keep working.", Assert.Single(WaitForDialog("Disable An Viewer?")), StringComparison.Ordinal);
        Dialogs.Button("Disable").Click();
        page.WaitForAssertion(() => Assert.Contains("Disabled", page.Texts("td")));

        Assert.Equal(["Change role", "Reset password", "Activity", "Hand over tokens", "Enable", "Remove"], await OpenMenuAsync(page, "An Viewer"));
        Choose("Remove");
        WaitForDialog("Remove An Viewer?");
        Dialogs.Button("Remove").Click();
        page.WaitForAssertion(() => Assert.DoesNotContain("An Viewer", page.Texts("td bdi")));
    }

    [Fact]
    public async Task Menu_RemoveUserWithTokens_OffersToHandThemOver()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open();
        await OpenMenuAsync(page, "An Operator");
        Choose("Remove");
        Assert.StartsWith("1 token belongs to this user.", WaitForDialog("Remove An Operator?")[^1], StringComparison.Ordinal);
        Assert.Equal("tokens?owner=user:user-Operator", Uri.UnescapeDataString(Dialogs.Find("a").GetAttribute("href")!));

        Dialogs.Field("New owner").Change("another");
        Dialogs.Button("Remove").Click();
        Dialogs.WaitForAssertion(() => Assert.Equal("Enter the name of the team.", Dialogs.Find(".field-fault").TextContent));
        Dialogs.Field("Team").Input("Payments");
        Dialogs.Button("Remove").Click();

        page.WaitForAssertion(() => Assert.DoesNotContain("An Operator", page.Texts("td bdi")));
        Assert.Equal("Payments", (await Server.DetailsAsync(handle)).Owner!.Name);
    }

    [Fact]
    public async Task Menu_HandOverTokens_OfAUserWithoutTokens_SaysSo()
    {
        var page = Open();
        await OpenMenuAsync(page, "An Operator");
        Choose("Hand over tokens");
        Assert.Equal("No token belongs to this user.", Assert.Single(WaitForDialog("Hand over the tokens of An Operator")));
        Assert.Equal(["Close"], Dialogs.Texts(".mud-dialog-actions button"));
    }

    [Fact]
    public async Task Menu_ResetPassword_ShowsTheLink()
    {
        var page = Open();
        await OpenMenuAsync(page, "An Operator");
        Choose("Reset password");
        WaitForDialog("Reset the password of An Operator?");
        Dialogs.Button("Reset password").Click();
        Dialogs.WaitForAssertion(() => Assert.Matches("^http://localhost/new-password#[A-Za-z0-9_-]{43}$", Dialogs.Find(".key-value").TextContent));
    }

    [Fact]
    public async Task Row_OfAManagedUser_SaysSo_AndTheRoleCannotBeChangedHere()
    {
        var actor = ScimActor.Of(TestPortal.Account);
        await Server.Services.GetRequiredService<ScimUserService>().CreateAsync(actor, new ScimUserInput("ada@example.com", "Ada", null, null, null, null, null));
        var page = Open();
        var row = page.FindAll("tr").Single(row => row.Words().StartsWith("Ada", StringComparison.Ordinal));
        Assert.Contains("Managed by SCIM", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("No role", row.TextContent, StringComparison.Ordinal);

        await OpenMenuAsync(page, "Ada");
        Choose("Change role");
        page.WaitForAssertion(() => Assert.StartsWith("A directory manages this user with SCIM", page.Find("[role=alert]").Words(), StringComparison.Ordinal));
        await OpenMenuAsync(page, "Ada");
        Choose("Enable");
        page.WaitForAssertion(() => Assert.StartsWith("This user has no role", page.Find("[role=alert]").Words(), StringComparison.Ordinal));
    }

    private protected override Dictionary<string, string?> Settings => new() { ["Scim:Token"] = new string('x', 40), ["Scim:Roles:Operator:0"] = "Operators" };

    private IRenderedComponent<UsersPage> Open(Role role = Role.Administrator)
    {
        SignIn(role);
        var page = Render<UsersPage>();
        page.WaitForElement("h1");
        return page;
    }
}
