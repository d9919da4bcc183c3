using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Support;

/// <summary>Shortcuts to create tokens, for tests that are about something else.</summary>
internal static class TestTokens
{
    public const string Agreements = "MD-0002";
    public const string Billing = "MD-0003";

    /// <summary>A request for a token of the extension that asks, with one module, that ends in 90 days.</summary>
    public static NewToken Wanted(string name = "Nightly report", params string[] modules) => new(
        Guid.CreateVersion7(), name, null, null, TestPortal.Start.AddDays(90), "EXT-000", new ModuleChoice(false, modules is [] ? [Agreements] : modules));

    public static Task<TokenOutcome.Done> CreateAsync(this TestPortal portal, NewToken wanted) => portal.CreateAsync(portal.Operator, wanted);

    public static async Task<TokenOutcome.Done> CreateAsync(this TestPortal portal, Actor actor, NewToken wanted) =>
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.CreateAsync(actor, wanted));

    /// <summary>Creates a token that ends in <paramref name="days"/>; null for no end.</summary>
    public static Task<TokenOutcome.Done> CreateAsync(this TestPortal portal, int? days = 90, string name = "Nightly report") =>
        portal.CreateAsync(Wanted(name) with { ExpiresAt = days is { } count ? portal.Now.AddDays(count) : null });

    public static async Task<TokenDetails> DetailsAsync(this TestPortal portal, string handle) =>
        (await portal.Reader.FindAsync(portal.Viewer, handle))!;

    public static async Task<TokenStatus> StatusAsync(this TestPortal portal, string handle) => (await portal.DetailsAsync(handle)).Status;

    public static async Task<IReadOnlyList<TokenRow>> ListAsync(this TestPortal portal, TokenQuery query) =>
        (await portal.Reader.ListAsync(portal.Administrator, query)).Rows;

    /// <summary>For theory data, which can't contain objects.</summary>
    public static TokenAction ActionNamed(string name) => TokenAction.All.Single(action => action.Name == name);

    /// <summary>Creates a token in a state to which the action applies.</summary>
    public static async Task<string> CreateForAsync(this TestPortal portal, TokenAction action)
    {
        var handle = (await portal.CreateAsync()).Handle;
        if (action.IsOffered(new TokenState(StoredStatus.Active, portal.Now.AddDays(90), PreviousLives: false)))
            return handle;
        if (action.IsOffered(new TokenState(StoredStatus.Inactive, portal.Now.AddDays(90), PreviousLives: false)))
            await portal.Tokens.DisableAsync(portal.Operator, handle);
        else
            await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(100));
        return handle;
    }

    /// <summary>Whether the key is one of the token's live secrets, as verification reads them.</summary>
    public static async Task<bool> AcceptsAsync(this TestPortal portal, ApiKey key)
    {
        await using var context = await portal.OpenAsync();
        var secrets = await context.Tokens.Where(token => token.Handle == key.Handle).SelectMany(token => token.Secrets).ToListAsync();
        var now = portal.Now;
        return secrets.Any(secret => secret.Hash.AsSpan().SequenceEqual(key.Hash()) && (secret.EndsAt is null || secret.EndsAt > now));
    }
}
