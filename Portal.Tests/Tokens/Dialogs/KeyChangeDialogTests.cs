using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class KeyChangeDialogTests : PageTestContext
{
    [Fact]
    public async Task Rotate_LivingToken_OffersItsOwnEndFirstAndWarns()
    {
        var handle = (await Server.CreateAsync()).Handle;

        var run = Start(TokenAction.Rotate, handle);

        Assert.StartsWith("Creates a new key. The current key stops working immediately", WaitForDialog("Rotate Nightly report")[0], StringComparison.Ordinal);
        Assert.Equal(["At once", "As it is now"], Dialogs.Picked("radio"));
        Assert.Equal("90 days", Dialogs.Texts("label.choice:has([name=expiration])")[3]);
        Assert.True(Dialogs.HasButton("Rotate"));
        await Dialogs.Button("Cancel").ClickAsync();
        Assert.False(await run);
    }

    [Theory]
    [InlineData("Cancel")]
    [InlineData("Rotate")]
    public async Task Escape_OnAButton_ClosesAsFromAField(string button)
    {
        var run = Start(TokenAction.Rotate, (await Server.CreateAsync()).Handle);
        WaitForDialog("Rotate Nightly report");

        await Dialogs.Button(button).KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });

        Assert.False(await run);
    }

    [Fact]
    public async Task Rotate_ExpiredToken_OffersNoPastEnd()
    {
        var handle = (await Server.CreateAsync()).Handle;
        Server.Clock.Advance(TimeSpan.FromDays(91));

        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");

        Assert.Equal(["30 days", "60 days", "90 days", "6 months", "1 year", "Custom date", "Perpetual"], Dialogs.Texts("label.choice"));
        Assert.Equal(["90 days"], Dialogs.Picked("radio"));
    }

    [Fact]
    public async Task Rotate_Agreed_ShowsTheNewKeyWhichAloneWorks()
    {
        var first = await Server.CreateAsync();
        var run = Start(TokenAction.Rotate, first.Handle);
        WaitForDialog("Rotate Nightly report");

        await Dialogs.Button("Rotate").ClickAsync();

        WaitForDialog("The new API key");
        // The pressed button is gone, so the focus moves to the key.
        Assert.Single(Asked("portal.focusFirst"));
        Assert.Equal($"ApiKey {first.Handle}:…{(await Server.DetailsAsync(first.Handle)).LiveSecrets[0].Fingerprint}", Dialogs.Find(".key-value").TextContent);
        await Dialogs.Button("View").ClickAsync();
        var shown = Dialogs.Find(".key-value").TextContent.ToApiKey();
        Assert.Equal((true, false), (await Server.AcceptsAsync(shown), await Server.AcceptsAsync(first.Key!)));
        Assert.Equal(Server.Now.AddDays(90), (await Server.DetailsAsync(first.Handle)).ExpiresAt);
        await Dialogs.Button("Done").ClickAsync();
        Assert.True(await run);
    }

    [Fact]
    public async Task Rotate_WithOverlap_BothKeysWorkUntilThen()
    {
        var first = await Server.CreateAsync();
        var run = Start(TokenAction.Rotate, first.Handle);
        WaitForDialog("Rotate Nightly report");
        Assert.Equal(["At once", "After 1 hour", "After 24 hours", "After 7 days", "Custom"], Dialogs.Texts("label.choice:has([name=overlap])"));
        Assert.True(Dialogs.Field("At once").HasAttribute("checked"));
        await Dialogs.Field("After 24 hours").ChangeAsync("24 hours");
        Assert.Equal("2030-01-16T12:00:00.0000000Z", Dialogs.FindAll(".result-line local-time")[0].GetAttribute("datetime"));

        await Dialogs.Button("Rotate, keep the old key until 2030-01-16 12:00:00 UTC").ClickAsync();

        Assert.StartsWith("The previous key works until ", WaitForDialog("The new API key")[0], StringComparison.Ordinal);
        Assert.Equal("2030-01-16T12:00:00.0000000Z", Dialogs.Find(".mud-dialog-content local-time").GetAttribute("datetime"));
        Assert.Equal(Server.Now.AddHours(24), (await Server.DetailsAsync(first.Handle)).LiveSecrets[1].EndsAt);
        Assert.True(await Server.AcceptsAsync(first.Key!));
        await Dialogs.Button("Done").ClickAsync();
        Assert.True(await run);
    }

    [Fact]
    public async Task Rotate_CustomOverlap_IsCheckedAndCutToTheKeysOwnEnd()
    {
        var handle = (await Server.CreateAsync(days: 2)).Handle;
        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Field("Custom").ChangeAsync("custom");

        await Dialogs.Button("Rotate").ClickAsync();
        Assert.Equal("Enter a duration.", Dialogs.FaultOf("For how long"));
        await Dialogs.Field("For how long").InputAsync("3");
        await Dialogs.Field("Unit").ChangeAsync("Days");
        Assert.Null(Dialogs.FaultOf("For how long"));
        Assert.EndsWith("when it expires anyway", Dialogs.Texts(".result-line")[0], StringComparison.Ordinal);
        await Dialogs.Button("Rotate, keep the old key until 2030-01-17 12:00:00 UTC").ClickAsync();

        WaitForDialog("The new API key");
        Assert.Equal(Server.Now.AddDays(2), (await Server.DetailsAsync(handle)).LiveSecrets[1].EndsAt);
    }

    [Theory]
    [InlineData(45, "90 days")]
    [InlineData(75, "90 days")]
    [InlineData(90, "90 days")]
    [InlineData(200, "1 year")]
    [InlineData(400, "Custom date")]
    public async Task Renew_EachRemainingLife_OffersAndPicksLaterEndsAlone(int days, string picked)
    {
        var handle = (await Server.CreateAsync(days: days)).Handle;

        _ = Start(TokenAction.Renew, handle);
        WaitForDialog("Renew Nightly report");

        Assert.Equal([picked], Dialogs.Picked("radio"));
        Assert.Equal(days > 30, Dialogs.Texts(".hint").Any(hint => hint.Contains("Only later expirations are offered.", StringComparison.Ordinal)));
        foreach (var offered in Dialogs.Texts("label.choice").Where(title => title != "Custom date"))
            Assert.True(ExpirationPreset.Parse(offered)!.EndFrom(Server.Now) >= Server.Now.AddDays(days), offered);
    }

    [Fact]
    public async Task Renew_Agreed_BothKeysWork()
    {
        var first = await Server.CreateAsync();
        var run = Start(TokenAction.Renew, first.Handle);
        Assert.StartsWith("Creates a new key with a later expiration.", WaitForDialog("Renew Nightly report")[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Perpetual", Dialogs.Texts("label.choice"));
        Assert.DoesNotContain("As it is now", Dialogs.Texts("label.choice"));
        await Dialogs.Field("1 year").ChangeAsync("1 year");

        await Dialogs.Button("Renew").ClickAsync();

        WaitForDialog("The new API key");
        await Dialogs.Button("View").ClickAsync();
        Assert.True(await Server.AcceptsAsync(Dialogs.Find(".key-value").TextContent.ToApiKey()));
        Assert.True(await Server.AcceptsAsync(first.Key!));
        Assert.Equal(Server.Now.AddYears(1), (await Server.DetailsAsync(first.Handle)).ExpiresAt);
        await Dialogs.Button("Done").ClickAsync();
        Assert.True(await run);
    }

    [Fact]
    public async Task Submit_CustomDateInThePast_SaysSoAndChangesNothing()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2029-01-01T00:00").SetResult("2029-01-01T00:00:00Z");
        var handle = (await Server.CreateAsync()).Handle;
        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Field("Custom date").ChangeAsync("custom");
        await Dialogs.Field("Date and time").ChangeAsync("2029-01-01T00:00");

        await Dialogs.Button("Rotate").ClickAsync();

        Assert.Equal("The expiration must be in the future.", Dialogs.FaultOf("Date and time"));
        Assert.DoesNotContain(Dialogs.Texts(".result-line"), line => line.Contains("expires on", StringComparison.Ordinal));
        Assert.Single((await Server.DetailsAsync(handle)).LiveSecrets);
    }

    [Fact]
    public async Task Submit_TokenDeletedMeanwhile_SaysSo()
    {
        var handle = (await Server.CreateAsync()).Handle;
        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        await Dialogs.Button("Rotate").ClickAsync();

        Assert.Equal("This token was deleted. It can be viewed, but no longer changed.", Dialogs.Find(".note.danger[role=alert]").TextContent);
        Assert.False(Dialogs.HasButton("Rotate"));
        Assert.Empty(Dialogs.FindAll("fieldset"));
    }

    [Theory]
    [InlineData("99999999999", "Days")]
    [InlineData("99999999999", "Minutes")]
    [InlineData("31", "Days")]
    public async Task Submit_OverlapTooLong_SaysTheMost(string count, string unit)
    {
        _ = Start(TokenAction.Rotate, (await Server.CreateAsync()).Handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Field("Custom").ChangeAsync("custom");
        await Dialogs.Field("For how long").InputAsync(count);
        await Dialogs.Field("Unit").ChangeAsync(unit);

        await Dialogs.Button("Rotate").ClickAsync();

        Assert.Equal("The overlap can be 30 days at most.", Dialogs.FaultOf("For how long"));
    }

    /// <summary>Escape may be pressed by mistake, so it asks, even if the key can be viewed later.</summary>
    [Fact]
    public async Task Escape_KeyNeitherViewedNorCopied_AsksOnceAndThenCloses()
    {
        var run = Start(TokenAction.Rotate, (await Server.CreateAsync()).Handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Button("Rotate").ClickAsync();
        WaitForDialog("The new API key");

        await Dialogs.Button("Done").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });
        Assert.StartsWith("You haven't viewed or copied the new key.", Dialogs.Find(".note.warn").Words(), StringComparison.Ordinal);
        Assert.False(run.IsCompleted);
        await Dialogs.Button("Done").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });

        Assert.True(await run);
    }

    [Fact]
    public async Task Escape_KeyViewed_Closes()
    {
        var run = Start(TokenAction.Rotate, (await Server.CreateAsync()).Handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Button("Rotate").ClickAsync();
        WaitForDialog("The new API key");
        await Dialogs.Button("View").ClickAsync();

        await Dialogs.Button("Done").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });

        Assert.True(await run);
    }

    [Fact]
    public async Task Dismiss_AfterTheKeyWasMade_StillCountsAsAChange()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var run = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Button("Rotate").ClickAsync();
        WaitForDialog("The new API key");

        await Dialogs.InvokeAsync(() => Navigation.NavigateTo("/integrations"));

        Assert.True(await run);
    }

    [Fact]
    public async Task Click_BesideTheDialog_DoesNotLoseTheKey()
    {
        var run = Start(TokenAction.Rotate, (await Server.CreateAsync()).Handle);
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Button("Rotate").ClickAsync();
        WaitForDialog("The new API key");

        await Dialogs.Find(".mud-overlay").ClickAsync();

        Assert.Equal("The new API key", Dialogs.Find("h2").TextContent);
        Assert.False(run.IsCompleted);
    }

    private Task<bool> Start(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }
}
