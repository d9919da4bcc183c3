using Bunit;
using Portal.Access;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens.List;

public sealed class TokenListMenuTests : ListTestContext
{
    [Theory]
    [InlineData(Role.Operator, "active", "Edit", "Disable", "Rotate", "Renew", "Duplicate")]
    [InlineData(Role.Administrator, "active", "Edit", "Disable", "Rotate", "Renew", "Duplicate", "Delete")]
    [InlineData(Role.Administrator, "inactive", "Edit", "Enable", "Rotate", "Renew", "Duplicate", "Delete")]
    [InlineData(Role.Administrator, "expired", "Edit", "Disable", "Rotate", "Renew", "Duplicate", "Delete")]
    [InlineData(Role.Administrator, "perpetual", "Edit", "Disable", "Rotate", "Duplicate", "Delete")]
    [InlineData(Role.Administrator, "renewed", "Edit", "Disable", "Rotate", "Duplicate", "Delete")]
    public async Task Click_Menu_OffersWhatTheRoleMayDoToTheTokenAsItIs(Role role, string state, params string[] offered)
    {
        var handle = (await Server.CreateAsync(days: state == "perpetual" ? null : 90)).Handle;
        if (state == "inactive")
            await Server.Tokens.DisableAsync(Server.Operator, handle);
        if (state == "renewed")
            await Server.Tokens.RenewAsync(Server.Operator, handle, Server.Now.AddDays(180));
        if (state == "expired")
            Server.Clock.Advance(TimeSpan.FromDays(91));
        var page = Open("/tokens", role);

        Assert.Equal(offered, await OpenMenuAsync(page, "Nightly report"));
        Assert.Equal($"tokens/{handle}/edit", Menus.Find("a[role=menuitem]").GetAttribute("href"));
    }

    [Fact]
    public async Task Render_Viewer_HasNoMenu()
    {
        await Server.CreateAsync();

        var page = Open("/tokens", Role.Viewer);

        Assert.Equal(["Nightly report"], Names(page));
        Assert.Empty(page.FindAll(".cell-menu button"));
    }

    [Fact]
    public async Task Click_MenuOfADeletedToken_OffersToRestoreOrDuplicateIt()
    {
        await Server.Tokens.DeleteAsync(Server.Administrator, (await Server.CreateAsync()).Handle);

        Assert.Equal(["Restore", "Duplicate"], await OpenMenuAsync(Open("/tokens?deleted=1"), "Nightly report"));
    }

    [Fact]
    public async Task Choose_Disable_TheRowShowsIt()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open("/tokens");
        await OpenMenuAsync(page, "Nightly report");

        Choose("Disable");
        WaitForDialog("Disable Nightly report?");
        await Dialogs.Button("Disable").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal(["Inactive"], page.Texts(".chip")));
        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(handle));
    }

    [Fact]
    public async Task Choose_Delete_TheRowGoes()
    {
        await Server.CreateAsync(name: "Stays");
        await Server.CreateAsync(name: "Goes");
        var page = Open("/tokens");
        await OpenMenuAsync(page, "Goes");

        Choose("Delete");
        WaitForDialog("Delete Goes?");
        await Dialogs.Button("Delete").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal(["Stays"], Names(page)));
    }
}
