using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

/// <summary>Deleting, undoing and restoring in the dialogs.</summary>
public sealed class DeleteDialogTests : PageTestContext
{
    [Fact]
    public async Task Delete_UsedWithinADay_AsksForTheNameAndSaysFromWhere()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await UseAsync(handle, TimeSpan.FromHours(2));
        var run = Run(TokenAction.Delete, handle);
        var lines = WaitForDialog("Delete Nightly report?");
        Assert.Contains("The last request came from 192.0.2.7.", lines);
        Assert.Contains("An administrator can restore it for 30 days.", lines);

        await Dialogs.Button("Delete").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Equal("Type Nightly report to confirm.", Dialogs.Find(".field-fault").TextContent));
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
        await Dialogs.Find("input[type=text]").InputAsync(new ChangeEventArgs { Value = " nightly REPORT " });
        await Dialogs.Button("Delete").ClickAsync();

        Assert.True(await run);
        Assert.Equal(TokenStatus.Deleted, await Server.StatusAsync(handle));
    }

    [Fact]
    public async Task Delete_UsedEarlier_AsksForNothing()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await UseAsync(handle, TimeSpan.FromHours(25));
        var run = Run(TokenAction.Delete, handle);
        WaitForDialog("Delete Nightly report?");
        Assert.Empty(Dialogs.FindAll("input"));
        await Dialogs.Button("Delete").ClickAsync();
        Assert.True(await run);
    }

    [Fact]
    public async Task Undo_Deleted_RestoresTheToken()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var run = Run(TokenAction.Delete, handle);
        WaitForDialog("Delete Nightly report?");
        await Dialogs.Button("Delete").ClickAsync();
        Assert.True(await run);
        Messages.WaitForAssertion(() => Assert.True(Messages.HasButton("Undo")));

        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.Equal("\"Nightly report\" is restored.", Messages.Find(".message-text").Words()));
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
    }

    [Fact]
    public async Task Restore_NameTakenAndActive_AsksForNameAndReason()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);
        await Server.CreateAsync();
        var run = Run(TokenAction.Restore, handle);
        WaitForDialog("Restore Nightly report?");
        await Dialogs.FindAll("input[type=radio]")[1].ChangeAsync(new ChangeEventArgs { Value = "on" });
        await Dialogs.Button("Restore").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Contains("Say why the token must be active at once.", Dialogs.Texts(".field-fault")));

        var texts = Dialogs.FindAll("input[type=text]");
        await texts[0].InputAsync(new ChangeEventArgs { Value = "Nightly report 2" });
        await Dialogs.FindAll("input[type=text]")[1].InputAsync(new ChangeEventArgs { Value = "The shop needs it" });
        await Dialogs.Button("Restore").ClickAsync();

        Assert.True(await run);
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
        Assert.Equal("Nightly report 2", (await Server.DetailsAsync(handle)).Name);
        Messages.WaitForAssertion(() => Assert.Contains("is restored.", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
    }

    private async Task UseAsync(string handle, TimeSpan ago)
    {
        await using var context = await Server.OpenAsync();
        var at = Server.Now - ago;
        await context.Tokens.Where(token => token.Handle == handle).ExecuteUpdateAsync(
            set => set.SetProperty(token => token.LastUsedAt, at).SetProperty(token => token.LastUsedAddress, "192.0.2.7"));
    }

    private Task<bool> Run(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }
}
