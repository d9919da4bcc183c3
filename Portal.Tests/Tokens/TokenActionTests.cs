using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Each action is declared once and completely. Other tests cover its use by the API and the pages.</summary>
public sealed class TokenActionTests
{
    public static TheoryData<string> Names => [.. TokenAction.All.Select(action => action.Name)];

    [Fact]
    public void All_IsEveryActionThatIsDeclared()
    {
        // The API changes owners with the other fields of a token, and neither restores tokens nor sets earlier expirations.
        var declared = typeof(TokenAction).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<TokenAction>().Except([TokenAction.ChangeOwner, TokenAction.Restore, TokenAction.Shorten]);
        Assert.Equal(declared.OrderBy(action => action.Name), TokenAction.All.OrderBy(action => action.Name));
        Assert.Distinct(TokenAction.All.Select(action => action.Name));
        Assert.Distinct(TokenAction.All.Select(action => action.WireName));
        Assert.Distinct(TokenAction.All.Select(action => action.AuditCode));
        Assert.Subset(TokenAction.All.Append(TokenAction.Restore).ToHashSet(), TokenAction.Menu.ToHashSet());
        Assert.Distinct(TokenAction.Menu);
    }

    /// <summary>Programs and stored audit entries depend on these.</summary>
    [Fact]
    public void Declarations_WireNamesAndAuditCodes_Stay() => Assert.Equal(
        [
            "Enable activate token.enabled Operator", "Disable deactivate token.disabled Operator", "Renew renew token.renewed Operator",
            "Rotate rotate token.rotated Operator", "End previous key end-previous token.previous_key_ended Operator", "Delete delete token.deleted Administrator",
        ],
        TokenAction.All.Select(action => $"{action.Name} {action.WireName} {action.AuditCode} {action.Role}"));

    [Fact]
    public void Declarations_HaveWhatScreensShow()
    {
        Assert.All(TokenAction.Menu, action => Assert.StartsWith("<", action.Icon, StringComparison.Ordinal));
        Assert.All(TokenAction.All, action => Assert.Equal(action.MakesKey, action.DoneMessage.Length == 0));
        Assert.All(TokenAction.All, action => Assert.True(action.Question is null || !action.MakesKey));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_NeedsTheRoleAndWritesTheAuditCode(string name)
    {
        var action = TestTokens.ActionNamed(name);
        await using var portal = await TestPortal.CreateAsync();
        var handle = await portal.CreateForAsync(action);
        var before = (await portal.AuditAsync()).Count;

        foreach (var weaker in new[] { portal.Viewer, portal.Operator }.Where(actor => actor.Role < action.Role))
        {
            Assert.False(TokenActions.For(weaker, await portal.DetailsAsync(handle)).Allows(action));
            await Assert.ThrowsAsync<AccessDeniedException>(() => RunAsync(portal, weaker, action, handle));
        }

        Assert.Equal(before, (await portal.AuditAsync()).Count);
        var actor = new[] { portal.Operator, portal.Administrator }.Single(actor => actor.Role == action.Role);
        Assert.True(TokenActions.For(actor, await portal.DetailsAsync(handle)).Allows(action));
        Assert.False(await IsDoneAsync(portal, action, handle));
        var done = Assert.IsType<TokenOutcome.Done>(await RunAsync(portal, actor, action, handle));

        Assert.Equal(action.MakesKey, done.Key is not null);
        Assert.Equal((before + 1, action.AuditCode), ((await portal.AuditAsync()).Count, (await portal.AuditAsync())[^1].Action));
        Assert.Equal(action.IsDone is not null, await IsDoneAsync(portal, action, handle));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_VersionThatTheConditionRulesOut_ChangesNothing(string name)
    {
        var action = TestTokens.ActionNamed(name);
        await using var portal = await TestPortal.CreateAsync();
        var handle = await portal.CreateForAsync(action);
        var before = await portal.DetailsAsync(handle);
        var another = new VersionCondition(new HashSet<Guid> { Guid.CreateVersion7() }, new HashSet<Guid>(), OnlyIfAbsent: false);

        Assert.IsType<TokenOutcome.PreconditionFailed>(await RunAsync(portal, portal.Administrator, action, handle, another));

        Assert.Equal(before.Version, (await portal.DetailsAsync(handle)).Version);
    }

    [Fact]
    public void Offer_DeletedToken_IsNothing()
    {
        var administrator = new Actor(ActorKind.User, "a", "A", TestPortal.Account, Role.Administrator);
        Assert.All(TokenAction.All, action => Assert.False(TokenActions.For(administrator, StoredStatus.Deleted, TestPortal.Start, previousLives: true).Allows(action)));
    }

    private static async Task<bool> IsDoneAsync(TestPortal portal, TokenAction action, string handle) =>
        action.IsDone?.Invoke((await portal.Services.GetRequiredService<TokenRecordReader>().FindAsync(portal.Viewer, handle))!) ?? false;

    private static Task<TokenOutcome> RunAsync(TestPortal portal, Actor actor, TokenAction action, string handle, VersionCondition? condition = null) =>
        action.Run(
            portal.Tokens, actor, handle, new TokenActionArguments { ExpiresAt = action.MakesKey ? portal.Now.AddDays(200) : null, Condition = condition },
            TestContext.Current.CancellationToken);
}
