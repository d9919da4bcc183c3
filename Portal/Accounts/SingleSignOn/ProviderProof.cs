using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Lets people without a password prove who they are: they sign in at their provider again, in another tab.</summary>
public sealed class ProviderProof(IDbContextFactory<PortalDbContext> contexts, AccessControl access, UserStates states, UserChanges changes, TimeProvider clock)
{
    /// <summary>Accepts a repeated sign-in as a proof for the actor's session.</summary>
    /// <param name="begunAt">When Portal asked for it, in UTC.</param>
    /// <returns>The problem; null: sensitive actions are allowed in this session for some minutes.</returns>
    public async Task<SignInProblem?> ProveAsync(Actor actor, ProviderIdentity identity, DateTime begunAt, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var provider = identity.Provider;
        if (provider.Options.RequireMultiFactor && !identity.HasMultiFactor)
            return SignInProblem.NoMultiFactor;
        if (provider.Options.RequireAuthTime && !(identity.AuthenticatedAt >= begunAt - ProviderSchemes.ClockSkew))
            return SignInProblem.NotProved;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!await context.UserLogins.AnyAsync(
            login => login.LoginProvider == provider.Name && login.ProviderKey == identity.Subject && login.UserId == actor.Id, cancellation))
            return SignInProblem.AnotherPerson;
        if (await context.UserSessions.SingleOrDefaultAsync(session => session.Id == actor.SessionId && session.UserId == actor.Id, cancellation) is not { } current)
            return SignInProblem.SessionEnded;
        current.ProvedAt = clock.GetUtcNow().UtcDateTime;
        await context.SaveChangesAsync(cancellation);
        return null;
    }

    /// <summary>Waits until the person has proved who they are in another tab.</summary>
    public async Task WaitAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        if (await ProvedAtAsync(actor, cancellation) is not { } before)
            return;
        var changed = new SemaphoreSlim(0);
        void OnChange(string userId)
        {
            if (userId == actor.Id)
                changed.Release();
        }

        changes.Published += OnChange;
        try
        {
            while (await ProvedAtAsync(actor, cancellation) is { } now && now <= before)
                await changed.WaitAsync(cancellation);
        }
        finally
        {
            changes.Published -= OnChange;
        }
    }

    /// <returns>Null: the session has ended, or isn't stored.</returns>
    private async Task<DateTime?> ProvedAtAsync(Actor actor, CancellationToken cancellation) =>
        actor.SessionId is { } id && await states.GetAsync(actor.Id, cancellation) is { } state && state.Sessions.TryGetValue(id, out var at) ? at : null;
}
