using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.SingleSignOn;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>The outcome of a proof.</summary>
public enum ProofOutcome
{
    Proved,
    Wrong,

    /// <summary>The passkey isn't one of the actor's, or its answer came too late.</summary>
    WrongPasskey,

    /// <summary>The browser couldn't use a passkey.</summary>
    NoPasskey,

    /// <summary>The password is right, but the code of the second factor isn't.</summary>
    WrongCode,

    /// <summary>Too many previous attempts failed. This one was not checked.</summary>
    TooManyAttempts,

    /// <summary>Too many passwords are waiting to be checked. This one was not checked.</summary>
    Busy,
}

/// <param name="RetryAfter">The time to wait if the attempt was not checked.</param>
public sealed record ProofResult(ProofOutcome Outcome, TimeSpan RetryAfter = default);

/// <summary>Lets people prove again who they are, see <see cref="AccessControl.RequireProofAsync"/>.</summary>
public sealed class ProofService(
    IDbContextFactory<PortalDbContext> contexts, AccessControl access, PasswordChecker passwords, SignInLimiter limiter,
    SecondFactorVerifier codes, PasskeyCeremonies passkeys, FailedSignIns failures, SignInProviders providers, TimeProvider clock)
{
    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Whether the actor must enter a code, too.</summary>
    public async Task<bool> NeedsCodeAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        return await codes.IsSetUpAsync(actor.Id, cancellation);
    }

    /// <summary>Checks the actor's password and, with a second factor, a code. If they are right, sensitive actions are allowed in this session for some
    /// minutes.</summary>
    public async Task<ProofResult> ProveAsync(Actor actor, string? password, string? code = null, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        if (!providers.AllowPassword)
            return new ProofResult(ProofOutcome.Wrong);
        var permit = await limiter.TryTakeProofAsync(actor.Id);
        if (permit.RetryAfter is { } wait)
            return new ProofResult(ProofOutcome.TooManyAttempts, wait);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == actor.Id, cancellation);
            if (await passwords.CheckAsync(user, password is { Length: <= AccountRules.LongestPassword } ? password : "", cancellation) is not { } check)
            {
                await permit.GiveBackAsync();
                return new ProofResult(ProofOutcome.Busy, RetryAfterBusy);
            }

            if (!check.IsRight)
            {
                failures.Note(user, null, permit.IsLimitReached);
                return new ProofResult(ProofOutcome.Wrong);
            }

            if (await codes.IsSetUpAsync(actor.Id, cancellation) && !await codes.VerifyAsync(actor.Id, code, cancellation))
                return new ProofResult(ProofOutcome.WrongCode);
            await permit.GiveBackAsync();
            return await StoreAsync(context, actor, cancellation);
        }
        catch (Exception exception) when (exception is not SessionEndedException)
        {
            // The password was not checked.
            await permit.GiveBackAsync();
            throw;
        }
    }

    /// <summary>Whether the actor has a passkey that they can use there instead of the password.</summary>
    public async Task<bool> OffersPasskeyAsync(Actor actor, PasskeySite site, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        if (!passkeys.Support(site))
            return false;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await SecondFactorPolicy.HasPasskeyAsync(context, actor.Id, cancellation);
    }

    /// <summary>Asks the browser for a passkey of the actor.</summary>
    public async Task<PasskeyRequest> BeginPasskeyAsync(Actor actor, PasskeySite site, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        return await passkeys.BeginAsync(PasskeyPurpose.Proof, PasskeyService.HolderOf(actor), actor.Id, site);
    }

    /// <summary>Checks a passkey of the actor, which counts as the password and the code. Otherwise like
    /// <see cref="ProveAsync(Actor, string, string, CancellationToken)"/>.</summary>
    public async Task<ProofResult> ProveByPasskeyAsync(Actor actor, PasskeyAnswer answer, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var permit = await limiter.TryTakeProofAsync(actor.Id);
        if (permit.RetryAfter is { } wait)
            return new ProofResult(ProofOutcome.TooManyAttempts, wait);
        try
        {
            if ((await passkeys.UseAsync(PasskeyPurpose.Proof, PasskeyService.HolderOf(actor), answer, cancellation)).UserId != actor.Id)
                return new ProofResult(ProofOutcome.WrongPasskey);
            await permit.GiveBackAsync();
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            return await StoreAsync(context, actor, cancellation);
        }
        catch (Exception exception) when (exception is not SessionEndedException)
        {
            // The passkey was not checked.
            await permit.GiveBackAsync();
            throw;
        }
    }

    private async Task<ProofResult> StoreAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (await context.UserSessions.SingleOrDefaultAsync(session => session.Id == actor.SessionId && session.UserId == actor.Id, cancellation) is not { } current)
            throw new SessionEndedException();
        current.ProvedAt = clock.GetUtcNow().UtcDateTime;
        await context.SaveChangesAsync(cancellation);
        return new ProofResult(ProofOutcome.Proved);
    }
}
