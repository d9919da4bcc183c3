using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.SingleSignOn;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>The outcome of a proof.</summary>
public enum ProofOutcome
{
    Proved,
    Wrong,

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
    SecondFactorVerifier codes, FailedSignIns failures, SignInProviders providers, TimeProvider clock)
{
    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Whether the actor must enter a code, too.</summary>
    public async Task<bool> NeedsCodeAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        return await codes.IsSetUpAsync(actor.Id, cancellation);
    }

    /// <summary>Checks the actor's password and, with a second factor, a code. If they are right, sensitive actions are allowed in this session for some
    /// minutes.</summary>
    public async Task<ProofResult> ProveAsync(Actor actor, string? password, string? code = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (!providers.AllowPassword)
            return new ProofResult(ProofOutcome.Wrong);
        var permit = limiter.TryTakeProof(actor.Id);
        if (permit.RetryAfter is { } wait)
            return new ProofResult(ProofOutcome.TooManyAttempts, wait);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == actor.Id, cancellation);
            if (await passwords.CheckAsync(user, password is { Length: <= AccountRules.LongestPassword } ? password : "", cancellation) is not { } check)
            {
                permit.GiveBack();
                return new ProofResult(ProofOutcome.Busy, RetryAfterBusy);
            }

            if (!check.IsRight)
            {
                failures.Note(user, null, permit.IsLimitReached);
                return new ProofResult(ProofOutcome.Wrong);
            }

            if (await codes.IsSetUpAsync(actor.Id, cancellation) && !await codes.VerifyAsync(actor.Id, code, cancellation))
                return new ProofResult(ProofOutcome.WrongCode);
            permit.GiveBack();
            if (await context.UserSessions.SingleOrDefaultAsync(session => session.Id == actor.SessionId && session.UserId == actor.Id, cancellation) is not { } current)
                throw new SessionEndedException();
            current.ProvedAt = clock.GetUtcNow().UtcDateTime;
            await context.SaveChangesAsync(cancellation);
            return new ProofResult(ProofOutcome.Proved);
        }
        catch (Exception exception) when (exception is not SessionEndedException)
        {
            // The password was not checked.
            permit.GiveBack();
            throw;
        }
    }
}
