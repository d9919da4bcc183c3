using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>A token's request that is in progress when the token loses its access can't change anything.</summary>
public sealed class TokenCallerTests
{
    public static TheoryData<string> Losses => ["disabled", "deleted", "rotated", "module taken away", "key expired"];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Change_CallerLostItsAccessMeanwhile_IsForbidden(string loss)
    {
        await using var portal = await TestPortal.CreateAsync();
        var caller = await portal.CreateAsync(TestTokens.Wanted("Caller", TestTokens.Agreements, TestTokens.Billing));
        var other = await portal.CreateAsync(TestTokens.Wanted("Other"));
        var actor = await ActorAsync(portal, caller.Handle);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DisableAsync(actor, other.Handle));

        switch (loss)
        {
            case "disabled":
                await portal.Tokens.DisableAsync(portal.Administrator, caller.Handle);
                break;
            case "deleted":
                await portal.Tokens.DeleteAsync(portal.Administrator, caller.Handle);
                break;
            case "rotated":
                await portal.Tokens.RotateAsync(portal.Administrator, caller.Handle, portal.Now.AddDays(90));
                break;
            case "key expired":
                portal.Clock.Advance(TimeSpan.FromDays(90));
                break;
            default:
                await portal.Tokens.RevokeAsync(portal.Administrator, caller.Handle, [TestTokens.Billing]);
                break;
        }

        var audited = (await portal.AuditAsync()).Count;

        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.EnableAsync(actor, caller.Handle));
        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.EnableAsync(actor, other.Handle));
        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.CreateAsync(actor, TestTokens.Wanted("Child")));
        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.GrantAsync(actor, caller.Handle, TestTokens.Billing));
        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.RotateAsync(actor, caller.Handle, portal.Now.AddDays(1)));
        Assert.IsType<TokenOutcome.Forbidden>(await portal.Tokens.EditAsync(
            actor, other.Handle, new TokenEdit("Renamed", null, null, new ModuleChoice(false, [TestTokens.Agreements])), (await portal.DetailsAsync(other.Handle)).Version));
        Assert.NotNull(await portal.Tokens.CheckReachAsync(actor, other.Handle));
        Assert.Equal(audited, (await portal.AuditAsync()).Count);
    }

    private static async Task<Actor> ActorAsync(TestPortal portal, string handle)
    {
        await using var context = await portal.OpenAsync();
        var key = await context.TokenSecrets.Where(secret => context.Tokens.Any(token => token.Id == secret.TokenId && token.Handle == handle)).SingleAsync();
        return new Actor(ActorKind.Token, handle, "Caller", TestPortal.Account, Role.Administrator)
        {
            KeyId = key.Id, OnlyModules = new HashSet<string> { TestTokens.Agreements, TestTokens.Billing },
        };
    }
}
