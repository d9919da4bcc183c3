using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Views;

namespace Portal.Tests.Tokens.Views;

public sealed class TokenViewServiceTests
{
    [Fact]
    public async Task Save_OwnView_OnlyItsUserSeesIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var views = Service(portal);

        Assert.IsType<ViewOutcome.Done>(await views.SaveAsync(portal.Viewer, " Expiring soon ", "expiring=1", shared: false));

        var view = Assert.Single(await views.ListAsync(portal.Viewer));
        Assert.Equal(("Expiring soon", "expiring=1", false, true), (view.Name, view.Address, view.IsShared, view.MayChange));
        Assert.Empty(await views.ListAsync(portal.Administrator));
        var entry = (await portal.AuditAsync())[^1];
        Assert.Equal((AuditAction.ViewSaved, "Expiring soon", portal.Viewer.Id), (entry.Action, entry.TargetName, entry.ActorId));
    }

    [Fact]
    public async Task Save_SharedView_EveryoneInTheAccountSeesItAndOperatorsChangeIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var views = Service(portal);
        await views.SaveAsync(portal.Operator, "Team", "status=expired", shared: true);

        Assert.Equal([(true, true)], (await views.ListAsync(portal.Administrator)).Select(view => (view.IsShared, view.MayChange)));
        var seen = Assert.Single(await views.ListAsync(portal.Viewer));
        Assert.False(seen.MayChange);
        Assert.Empty(await views.ListAsync(portal.OtherAccountActor));
        await Assert.ThrowsAsync<AccessDeniedException>(() => views.SaveAsync(portal.Viewer, "Mine", "", shared: true));
        await Assert.ThrowsAsync<AccessDeniedException>(() => views.DeleteAsync(portal.Viewer, seen.Id));
        Assert.IsType<ViewOutcome.NotFound>(await views.DeleteAsync(portal.OtherAccountActor, seen.Id));
        Assert.IsType<ViewOutcome.Done>(await views.DeleteAsync(portal.Operator, seen.Id));
        Assert.Empty(await views.ListAsync(portal.Viewer));
        Assert.Equal(AuditAction.ViewDeleted, (await portal.AuditAsync())[^1].Action);
    }

    [Fact]
    public async Task Save_SameNameInAnotherCase_Replaces()
    {
        await using var portal = await TestPortal.CreateAsync();
        await Service(portal).SaveAsync(portal.Viewer, "Idle", "idle=1", shared: false);

        await Service(portal).SaveAsync(portal.Viewer, "IDLE", "idle=1&sort=name", shared: false);

        Assert.Equal([("IDLE", "idle=1&sort=name")], (await Service(portal).ListAsync(portal.Viewer)).Select(view => (view.Name, view.Address)));
    }

    [Fact]
    public async Task Delete_AnotherUsersView_IsNotFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        await Service(portal).SaveAsync(portal.Operator, "Mine", "idle=1", shared: false);
        var view = Assert.Single(await Service(portal).ListAsync(portal.Operator));

        Assert.IsType<ViewOutcome.NotFound>(await Service(portal).DeleteAsync(portal.Administrator, view.Id));
        Assert.Single(await Service(portal).ListAsync(portal.Operator));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "idle=1")]
    [InlineData("a\u0007b", "idle=1")]
    public async Task Save_InvalidName_SaysWhatToChange(string name, string address)
    {
        await using var portal = await TestPortal.CreateAsync();

        Assert.NotEmpty(Assert.IsType<ViewOutcome.Invalid>(await Service(portal).SaveAsync(portal.Viewer, name, address, shared: false)).Message);
        Assert.Empty(await Service(portal).ListAsync(portal.Viewer));
    }

    [Fact]
    public async Task Save_TooLongOrWithASecretOrTooMany_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = (await portal.CreateAsync()).Key!;
        string[] names = [new('n', SavedView.NameLength + 1), key.ToHeaderValue(), "Fine", "Fine"];
        string[] addresses = ["", "", "q=" + new string('x', SavedView.AddressLength), "q=" + key.ToHeaderValue()];

        foreach (var (name, address) in names.Zip(addresses))
            Assert.IsType<ViewOutcome.Invalid>(await Service(portal).SaveAsync(portal.Viewer, name, address, shared: false));
        for (var i = 0; i < TokenViewService.MaximumViews; i++)
            Assert.IsType<ViewOutcome.Done>(await Service(portal).SaveAsync(portal.Viewer, $"View {i}", "", shared: false));
        Assert.IsType<ViewOutcome.Invalid>(await Service(portal).SaveAsync(portal.Viewer, "One more", "", shared: false));
        Assert.IsType<ViewOutcome.Done>(await Service(portal).SaveAsync(portal.Viewer, "View 1", "idle=1", shared: false));
    }

    [Fact]
    public async Task SaveColumns_AreRememberedForTheUser()
    {
        await using var portal = await TestPortal.CreateAsync();

        await Service(portal).SaveColumnsAsync(portal.Viewer, "handle,status");

        Assert.Equal("handle,status", await Service(portal).ReadColumnsAsync(portal.Viewer));
        Assert.Null(await Service(portal).ReadColumnsAsync(portal.Operator));
        await Service(portal).SaveColumnsAsync(portal.Viewer, null);
        Assert.Null(await Service(portal).ReadColumnsAsync(portal.Viewer));
    }

    private static TokenViewService Service(TestPortal portal) => portal.Services.GetRequiredService<TokenViewService>();
}
