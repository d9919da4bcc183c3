using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Shared;

public sealed class MessagesTests : PageTestContext
{
    private static readonly TimeSpan Undoable = TimeSpan.FromSeconds(10), Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Show_Text_GoesAfterSixSeconds()
    {
        Open().Show("Saved.");

        Messages.WaitForAssertion(() => Assert.Equal("Saved.", Messages.Find(".message-text").Words()));
        Assert.False(Messages.HasButton("Undo"));
        Server.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(Messages.FindAll(".message"));
        Server.Clock.Advance(Second);
        AssertGone();
    }

    [Fact]
    public async Task Click_Undo_ShowsItsResultInPlaceAndOffersItOnce()
    {
        var undone = 0;
        Show(Open(), () =>
        {
            undone++;
            return Task.FromResult(new UndoResult(true, "Enabled again."));
        });

        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.Equal("Enabled again.", Messages.Find(".message-text").Words()));
        Assert.Equal((1, false), (undone, Messages.HasButton("Undo")));
        Assert.Single(Asked("portal.focusBack"));
        Server.Clock.Advance(TimeSpan.FromSeconds(6));
        AssertGone();
    }

    [Fact]
    public async Task Click_UndoFails_SaysSo()
    {
        Show(Open(), () => throw new TimeoutException());

        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.StartsWith("The action took too long", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
        Assert.False(Messages.HasButton("Undo"));
    }

    [Fact]
    public void Show_Undoable_GoesAfterTenSeconds()
    {
        Show(Open());

        Server.Clock.Advance(Undoable - Second);
        Assert.True(Messages.HasButton("Undo"));
        Server.Clock.Advance(Second);
        AssertGone();
    }

    [Theory]
    [InlineData("pointer")]
    [InlineData("focus")]
    public async Task Hold_PointerOrFocus_WaitsUntilItLeaves(string what)
    {
        Show(Open());
        Server.Clock.Advance(TimeSpan.FromSeconds(4));
        var message = Messages.Find(".message");

        await (what == "focus" ? message.FocusInAsync(new FocusEventArgs()) : message.TriggerEventAsync("onmouseenter", new MouseEventArgs()));
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Messages.HasButton("Undo"));
        await (what == "focus" ? Messages.Find(".message").FocusOutAsync(new FocusEventArgs()) : Messages.Find(".message").TriggerEventAsync("onmouseleave", new MouseEventArgs()));

        Server.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(Messages.HasButton("Undo"));
        Server.Clock.Advance(Second);
        AssertGone();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dismiss_ButtonOrEscape_RemovesItAndReturnsTheFocus(bool byEscape)
    {
        Show(Open());

        await (byEscape ? Messages.Button("Undo").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" }) : Messages.Button("Dismiss").ClickAsync());

        AssertGone();
        Assert.Single(Asked("portal.focusBack"));
    }

    [Fact]
    public void ClearDone_BeforeAnAction_KeepsWhatCanBeUndone()
    {
        var messages = Open();
        Show(messages);
        messages.Show("The previous key has ended.");
        Messages.WaitForAssertion(() => Assert.Equal(2, Messages.FindAll(".message").Count));

        messages.ClearDone();

        Messages.WaitForAssertion(() => Assert.Equal(["Disabled."], Messages.Texts(".message-text")));
    }

    private Messages Open()
    {
        SignIn(Role.Operator);
        return Services.GetRequiredService<Messages>();
    }

    private void Show(Messages messages, Func<Task<UndoResult>>? undo = null)
    {
        messages.ShowUndoable("Disabled.", undo ?? (() => Task.FromResult(new UndoResult(true, ""))));
        Messages.WaitForAssertion(() => Assert.True(Messages.HasButton("Undo")));
    }

    private void AssertGone()
    {
        // The snackbar fades out.
        Server.Clock.Advance(Second);
        Messages.WaitForAssertion(() => Assert.Empty(Messages.FindAll(".message")));
    }
}
