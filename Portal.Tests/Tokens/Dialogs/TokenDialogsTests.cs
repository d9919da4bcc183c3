using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class TokenDialogsTests : PageTestContext
{
    [Theory]
    [InlineData(nameof(TokenAction.Disable), "Disable", "Requests with its keys are refused immediately, until you enable the token again.", TokenStatus.Inactive)]
    [InlineData(nameof(TokenAction.Delete), "Delete", "Its keys stop working immediately. You can still view the token and its statistics under Deleted tokens.", TokenStatus.Deleted)]
    public async Task Run_WhatBreaksClients_AsksFirstAndThenDoesIt(string actionName, string button, string consequence, TokenStatus after)
    {
        var action = TestTokens.ActionNamed(actionName);
        var handle = (await Server.CreateAsync()).Handle;
        var run = Run(action, handle);

        string[] restorable = action == TokenAction.Delete ? ["An administrator can restore it for 30 days."] : [];
        Assert.Equal([consequence, "It has never been used.", .. restorable], WaitForDialog($"{button} Nightly report?"));
        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
        await Dialogs.Button(button).ClickAsync();

        Assert.True(await run);
        Assert.Equal(after, await Server.StatusAsync(handle));
        Messages.WaitForAssertion(() => Assert.StartsWith("\"Nightly report\" is ", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(TokenAction.Disable), false, false, false)]
    [InlineData(nameof(TokenAction.Disable), true, false, true)]
    [InlineData(nameof(TokenAction.Delete), false, true, true)]
    public async Task Run_WhatBreaksClients_LooksAsSeriousAsItIs(string actionName, bool isUsed, bool highlightsConsequence, bool isRed)
    {
        var action = TestTokens.ActionNamed(actionName);
        var handle = (await Server.CreateAsync()).Handle;
        await using (var context = await Server.OpenAsync())
        {
            if (isUsed)
                context.Add(Count(context.Tokens.Single().Id, DateOnly.FromDateTime(Server.Now), 12));
            await context.SaveChangesAsync();
        }

        var run = Run(action, handle);
        WaitForDialog($"{action.Name} Nightly report?");

        Assert.Equal(highlightsConsequence, Dialogs.FindAll("p.note.danger").Any());
        Assert.Equal(isRed, Dialogs.Button(action.Name).ClassList.Contains("mud-button-filled-error"));
        await Dialogs.Button("Cancel").ClickAsync();
        Assert.False(await run);
    }

    [Theory]
    [InlineData(nameof(TokenAction.Disable), "Disable Nightly report?")]
    [InlineData(nameof(TokenAction.Delete), "Delete Nightly report?")]
    [InlineData(nameof(TokenAction.Rotate), "Rotate Nightly report")]
    [InlineData(nameof(TokenAction.Renew), "Renew Nightly report")]
    public async Task Run_Cancel_ChangesNothing(string actionName, string title)
    {
        var action = TestTokens.ActionNamed(actionName);
        var handle = (await Server.CreateAsync()).Handle;
        var before = await Server.DetailsAsync(handle);
        var run = Run(action, handle);

        WaitForDialog(title);
        await Dialogs.Button("Cancel").ClickAsync();

        Assert.False(await run);
        Assert.Equal(before.Version, (await Server.DetailsAsync(handle)).Version);
    }

    [Fact]
    public async Task Run_Enable_NeedsNoQuestion()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DisableAsync(Server.Operator, handle);

        Assert.True(await Run(TokenAction.Enable, handle));

        Assert.Equal(TokenStatus.Active, await Server.StatusAsync(handle));
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    [Theory]
    [InlineData(1, "Last used 4 minutes ago, 1 request today (UTC).", "Portal then refuses about 50 requests a day.")]
    [InlineData(12041, "Last used 4 minutes ago, 12,041 requests today (UTC).", "Portal then refuses about 12,041 requests a day.")]
    public async Task Run_UsedToken_TellsHowUsedItIs(int requests, string used, string refused)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await using (var context = await Server.OpenAsync())
        {
            var token = context.Tokens.Single(token => token.Handle == handle);
            token.LastUsedAt = Server.Now.AddMinutes(-4);
            var today = DateOnly.FromDateTime(Server.Now);
            context.AddRange(Count(token.Id, today, requests), Count(token.Id, today.AddDays(-1), 99));
            await context.SaveChangesAsync();
        }

        var run = Run(TokenAction.Disable, handle);

        Assert.Equal([used, refused], WaitForDialog("Disable Nightly report?")[^2..]);
        await Dialogs.Button("Cancel").ClickAsync();
        Assert.False(await run);
    }

    [Fact]
    public async Task Run_DisableAnExpiredToken_SaysThatItsRequestsAreRefusedAlready()
    {
        var handle = (await Server.CreateAsync(days: 90)).Handle;
        Server.Clock.Advance(TimeSpan.FromDays(90));
        var run = Run(TokenAction.Disable, handle);

        Assert.Equal("The token has no valid key, so Portal refuses its requests already.", WaitForDialog("Disable Nightly report?")[0]);
        await Dialogs.Button("Cancel").ClickAsync();
        Assert.False(await run);
    }

    [Theory]
    [InlineData(nameof(TokenAction.Enable))]
    [InlineData(nameof(TokenAction.Rotate))]
    public async Task Run_DeletedMeanwhile_SaysSoInsteadOfAsking(string actionName)
    {
        var action = TestTokens.ActionNamed(actionName);
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        Assert.True(await Run(action, handle));

        Messages.WaitForAssertion(() => Assert.Equal("This token was deleted in the meantime.", Messages.Find(".message-text").Words()));
        Assert.Empty(Dialogs.FindAll("h2"));
    }

    [Fact]
    public async Task Run_DeletedWhileAsking_SaysThatItCouldNotBeDone()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var run = Run(TokenAction.Disable, handle);
        WaitForDialog("Disable Nightly report?");
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        await Dialogs.Button("Disable").ClickAsync();

        Assert.True(await run);
        Messages.WaitForAssertion(() => Assert.Contains("was deleted", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
    }

    public static TheoryData<string> Names => [.. TokenAction.All.Select(action => action.Name)];

    /// <summary>Includes new actions: each asks what it declares or has its own dialog, runs, and reports success.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_EveryAction_AsksAndTellsWhatIsDeclared(string actionName)
    {
        var action = TestTokens.ActionNamed(actionName);
        var handle = await Server.CreateForAsync(action);
        var before = await Server.DetailsAsync(handle);
        var run = Run(action, handle);

        if (action.MakesKey)
        {
            WaitForDialog($"{action.Name} Nightly report");
            await Dialogs.Button(action.Name).ClickAsync();
            WaitForDialog("The new API key");
            await Dialogs.Button("Done").ClickAsync();
        }
        else if (action.Question is { } question)
        {
            Assert.Equal(question.Consequence, WaitForDialog(question.Title.Replace("{0}", "Nightly report", StringComparison.Ordinal))[0]);
            await Dialogs.Button(question.Button).ClickAsync();
        }

        Assert.True(await run);
        Assert.NotEqual(before.Version, (await Server.DetailsAsync(handle)).Version);
        if (!action.MakesKey)
            Messages.WaitForAssertion(() => Assert.Equal(
                action.DoneMessage.Replace("{0}", "Nightly report", StringComparison.Ordinal), Messages.Find(".message-text").Words()));
    }

    private Task<bool> Run(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }

    private static DailyCount Count(long token, DateOnly day, long count) =>
        new() { TokenId = token, Day = day, ModuleId = TestTokens.Agreements, StatusCode = 200, Reason = "", Count = count };
}
