using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>The outcome of a proof.</summary>
public enum ProofOutcome
{
    Proved,
    Wrong,

    /// <summary>Too many previous attempts failed. This one was not checked.</summary>
    TooManyAttempts,

    /// <summary>Too many passwords are waiting to be checked. This one was not checked.</summary>
    Busy,
}

/// <param name="RetryAfter">The time to wait if the attempt was not checked.</param>
public sealed record ProofResult(ProofOutcome Outcome, TimeSpan RetryAfter = default);

/// <summary>Lets people prove again who they are, see <see cref="AccessControl.RequireProofAsync"/>.</summary>
public sealed class ProofService(
    IDbContextFactory<PortalDbContext> contexts, AccessControl access, PasswordChecker passwords, SignInLimiter limiter, TimeProvider clock)
{
    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Checks the actor's password. If it is right, sensitive actions are allowed in this session for some minutes.</summary>
    public async Task<ProofResult> ProveAsync(Actor actor, string? password, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
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
                return new ProofResult(ProofOutcome.Wrong);
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
