using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

/// <summary>The rotation dialog says what the rotation breaks, depending on how the token is used.</summary>
public sealed class RotationConsequenceTests : PageTestContext
{
    /// <summary>What can hurt is asked first, and the button says what it will do.</summary>
    [Theory]
    [InlineData(6, "24 hours", "Rotate, keep the old key until 2030-01-16 12:00:00 UTC", false)]
    [InlineData(8, "At once", "Rotate and refuse 3,000 requests a day", true)]
    public async Task Rotate_TokenWithRequests_PreselectsByItsUseAndSaysWhatBreaks(int daysSinceUse, string picked, string button, bool refuses)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await UseAsync(handle, Server.Now.AddDays(-daysSinceUse), (0, 1_000), (-1, 5_000));

        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");

        Assert.Equal("When does the current key stop working?", Dialogs.Texts("legend")[0]);
        Assert.Equal(picked, Dialogs.Picked("radio")[0].Replace("After ", "", StringComparison.Ordinal));
        Assert.Equal(refuses, Dialogs.Button(button).ClassList.Contains("mud-button-filled-error"));
        await Dialogs.Field(refuses ? "After 1 hour" : "At once").ChangeAsync(refuses ? "1 hour" : "at once");
        Assert.True(Dialogs.HasButton(refuses ? "Rotate, keep the old key until 2030-01-15 13:00:00 UTC" : "Rotate and refuse 3,000 requests a day"));
        await Dialogs.Field("Custom").ChangeAsync("custom");
        Assert.True(Dialogs.HasButton("Rotate"));
    }

    /// <summary>A token has at most two valid keys. After a renewal, programs may still use the older one.</summary>
    [Theory]
    [InlineData(1, "Rotate and end the previous key", true, "The previous key was last used 1 hour ago.")]
    [InlineData(null, "Rotate", false, "The previous key has never been used.")]
    public async Task Rotate_TwoValidKeys_SaysThatThePreviousOneEnds(int? hoursSinceUse, string button, bool isRed, string use)
    {
        var handle = (await Server.CreateAsync()).Handle;
        Assert.IsType<TokenOutcome.Done>(await Server.Tokens.RenewAsync(Server.Administrator, handle, Server.Now.AddDays(200)));
        await using (var context = await Server.OpenAsync())
        {
            context.TokenSecrets.OrderBy(secret => secret.Id).First().LastUsedAt = hoursSinceUse is { } hours ? Server.Now.AddHours(-hours) : null;
            await context.SaveChangesAsync();
        }

        _ = Start(TokenAction.Rotate, handle);
        WaitForDialog("Rotate Nightly report");

        Assert.Equal($"The previous key stops working immediately, whatever you choose: a token has at most two valid keys. {use}", Dialogs.Find(".note.warn").Words());
        Assert.Equal(isRed, Dialogs.Button(button).ClassList.Contains("mud-button-filled-error"));
    }

    private async Task UseAsync(string handle, DateTime lastUsedAt, params (int Day, long Count)[] days)
    {
        await using var context = await Server.OpenAsync();
        var token = context.Tokens.Single(token => token.Handle == handle);
        token.LastUsedAt = lastUsedAt;
        context.AddRange(days.Select(day => new DailyCount
        {
            TokenId = token.Id, Day = DateOnly.FromDateTime(Server.Now).AddDays(day.Day), ModuleId = TestTokens.Agreements, StatusCode = 200, Reason = "", Count = day.Count,
        }));
        await context.SaveChangesAsync();
    }

    private Task<bool> Start(TokenAction action, string handle)
    {
        SignIn(Role.Administrator);
        var dialogs = Services.GetRequiredService<TokenDialogs>();
        return Dialogs.InvokeAsync(() => dialogs.RunAsync(Server.Administrator, action, handle));
    }
}
