using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Accounts.Passkeys;

/// <summary>What a browser needs in order to create or use a passkey.</summary>
/// <param name="Options">JSON, for <c>navigator.credentials</c>.</param>
/// <param name="Challenge">Comes back with the answer, see <see cref="PasskeyChallenges"/>.</param>
public sealed record PasskeyRequest(string Options, string Challenge);

/// <summary>What a browser answers.</summary>
/// <param name="Challenge">That of the <see cref="PasskeyRequest"/>.</param>
/// <param name="Credential">JSON, from <c>navigator.credentials</c>.</param>
public sealed record PasskeyAnswer(string? Challenge, string? Credential, PasskeySite Site)
{
    /// <summary>Omits the input, which must not appear in logs.</summary>
    public override string ToString() => nameof(PasskeyAnswer);
}

/// <summary>The outcome of using a passkey.</summary>
public enum PasskeyOutcome
{
    Right,

    /// <summary>The passkey isn't known, was removed, is of another user or site, or its signature or counter is wrong.</summary>
    Wrong,

    /// <summary>The challenge is too old, was used before, or is of another session.</summary>
    Expired,
}

/// <param name="UserId">The owner of the passkey; null: it isn't right.</param>
internal sealed record PasskeyUse(PasskeyOutcome Outcome, string? UserId = null);

/// <summary>Asks browsers to create and use passkeys, and checks their answers (WebAuthn level 3).</summary>
/// <remarks>Identity's handler checks the signature, the origin and the flags. It needs a request, which a circuit doesn't have, so it gets one that
/// only contains the host.</remarks>
public sealed partial class PasskeyCeremonies(
    IServiceScopeFactory scopes, IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, PasskeyChallenges challenges, IOptions<PasskeyOptions> options,
    ILogger<PasskeyCeremonies> logger)
{
    /// <summary>In characters. An answer takes about 1,000, and few authenticators send attestations of several thousand.</summary>
    public const int LongestCredential = 16_384;

    /// <summary>Whether people can use passkeys there.</summary>
    public bool Support(PasskeySite site) => options.Value.Support(site);

    /// <param name="holder">Who can answer, see <see cref="PasskeyChallenges.Issue"/>.</param>
    internal async Task<PasskeyRequest> BeginCreationAsync(string holder, PortalUser user, PasskeySite site)
    {
        await using var scope = scopes.CreateAsyncScope();
        var made = await HandlerOf(scope).MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = user.Id, Name = user.Email ?? user.DisplayName, DisplayName = user.DisplayName }, RequestTo(site));
        return new PasskeyRequest(made.CreationOptionsJson, challenges.Issue(PasskeyPurpose.Add, holder, made.AttestationState!));
    }

    /// <returns>The new passkey, which the caller stores; null and why not.</returns>
    internal async Task<(UserPasskeyInfo? Passkey, PasskeyOutcome Outcome)> CompleteCreationAsync(string holder, PasskeyAnswer answer)
    {
        if (challenges.Open(PasskeyPurpose.Add, holder, answer.Challenge) is not { } state)
            return (null, PasskeyOutcome.Expired);
        if (answer.Credential is not { Length: > 0 and <= LongestCredential })
            return (null, PasskeyOutcome.Wrong);
        await using var scope = scopes.CreateAsyncScope();
        var result = await HandlerOf(scope).PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = RequestTo(answer.Site), CredentialJson = answer.Credential, AttestationState = state });
        if (!result.Succeeded)
        {
            LogRefused(result.Failure.Message);
            return (null, PasskeyOutcome.Wrong);
        }

        return challenges.TryUse(state) ? (result.Passkey, PasskeyOutcome.Right) : (null, PasskeyOutcome.Expired);
    }

    /// <param name="userId">The user whose passkeys are accepted; null: those of all users, which tells nobody who exists.</param>
    internal async Task<PasskeyRequest> BeginAsync(PasskeyPurpose purpose, string holder, string? userId, PasskeySite site)
    {
        await using var scope = scopes.CreateAsyncScope();
        var user = userId is null ? null : await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().FindByIdAsync(userId);
        var made = await HandlerOf(scope).MakeRequestOptionsAsync(user, RequestTo(site));
        return new PasskeyRequest(made.RequestOptionsJson, challenges.Issue(purpose, holder, made.AssertionState!));
    }

    /// <summary>Checks an answer, uses up its challenge, and stores the passkey's counter.</summary>
    internal async Task<PasskeyUse> UseAsync(PasskeyPurpose purpose, string holder, PasskeyAnswer answer, CancellationToken cancellation)
    {
        if (challenges.Open(purpose, holder, answer.Challenge) is not { } state)
            return new PasskeyUse(PasskeyOutcome.Expired);
        if (answer.Credential is not { Length: > 0 and <= LongestCredential })
            return new PasskeyUse(PasskeyOutcome.Wrong);
        await using var scope = scopes.CreateAsyncScope();
        var result = await HandlerOf(scope).PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = RequestTo(answer.Site), CredentialJson = answer.Credential, AssertionState = state });
        if (!result.Succeeded)
        {
            LogRefused(result.Failure.Message);
            return new PasskeyUse(PasskeyOutcome.Wrong);
        }

        if (!challenges.TryUse(state))
            return new PasskeyUse(PasskeyOutcome.Expired);
        return await StoreUseAsync(result.Passkey, cancellation)
            ? new PasskeyUse(PasskeyOutcome.Right, result.User.Id)
            : new PasskeyUse(PasskeyOutcome.Wrong);
    }

    /// <returns>False: since it was checked, the passkey was removed, or used with a higher counter.</returns>
    private Task<bool> StoreUseAsync(UserPasskeyInfo used, CancellationToken cancellation) => writes.RunAsync(
        async token =>
        {
            await using var context = await contexts.CreateDbContextAsync(token);
            if (await context.UserPasskeys.SingleOrDefaultAsync(passkey => passkey.CredentialId == used.CredentialId, token) is not { } stored)
                return false;
            if (used.SignCount != 0 && used.SignCount <= stored.Data.SignCount)
                return false;
            (stored.Data.SignCount, stored.Data.IsBackedUp) = (used.SignCount, used.IsBackedUp);
            await context.SaveChangesAsync(token);
            return true;
        },
        cancellation);

    private static IPasskeyHandler<PortalUser> HandlerOf(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IPasskeyHandler<PortalUser>>();

    private static DefaultHttpContext RequestTo(PasskeySite site) => new()
    {
        Request = { Scheme = site.Address.Scheme, Host = HostString.FromUriComponent(site.Address), Headers = { Origin = site.Origin } },
    };

    /// <summary>What the handler accepts. It compares the origin with that of <see cref="RequestTo"/>.</summary>
    internal static void Configure(IdentityPasskeyOptions handler, PasskeyOptions options)
    {
        handler.ServerDomain = options.ServerDomain is { Length: > 0 } domain ? domain : null;
        handler.AuthenticatorTimeout = PasskeyChallenges.Lifetime;
        handler.UserVerificationRequirement = "required";
        handler.ResidentKeyRequirement = "preferred";
        handler.AttestationConveyancePreference = "none";
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A passkey was refused: {Reason}")]
    private partial void LogRefused(string reason);
}
