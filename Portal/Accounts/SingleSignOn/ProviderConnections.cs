using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>A provider on the profile page.</summary>
/// <param name="IsConnected">Whether the person can sign in with it.</param>
/// <param name="IsLastWay">Whether the person couldn't sign in without it.</param>
public sealed record ProviderConnection(string Name, string DisplayName, bool IsConnected, bool IsLastWay);

/// <summary>The ways in which the actor can prove who they are.</summary>
/// <param name="Providers">The connected providers.</param>
public sealed record ProofWays(bool Password, IReadOnlyList<SignInProvider> Providers);

/// <summary>Connects the actor's user with providers.</summary>
public sealed class ProviderConnections(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, AuditLog audit, SignInProviders providers, ConnectionTickets tickets)
{
    /// <summary>Lists the configured providers.</summary>
    public async Task<IReadOnlyList<ProviderConnection>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connected = await ConnectedAsync(context, actor, cancellation);
        var others = await HasPasswordAsync(context, actor, cancellation) ? 1 : 0;
        return [.. providers.All.Select(provider => new ProviderConnection(
            provider.Name, provider.DisplayName, connected.Contains(provider.Name), connected.Count + others <= 1))];
    }

    /// <summary>Finds out how the actor can prove who they are.</summary>
    public async Task<ProofWays> FindWaysAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connected = await ConnectedAsync(context, actor, cancellation);
        return new ProofWays(await HasPasswordAsync(context, actor, cancellation), [.. providers.All.Where(provider => connected.Contains(provider.Name))]);
    }

    /// <summary>Begins to connect a provider.</summary>
    /// <returns>The address at which the browser continues, relative to the base of Portal; null: there is no such provider.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<string?> BeginAsync(Actor actor, string provider, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return providers.Find(provider) is { } known ? ProviderPaths.Connect(known.Name, tickets.Issue(actor, known)) : null;
    }

    /// <summary>Completes the connection with the person whom the provider has identified.</summary>
    /// <returns>The problem; null: the provider is connected.</returns>
    public async Task<SignInProblem?> ConnectAsync(Actor actor, ProviderIdentity identity, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        if (identity.FindRefusal() is { } refusal)
            return refusal;
        return await writes.RunAsync<SignInProblem?>(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var provider = identity.Provider;
                if (await context.UserLogins.SingleOrDefaultAsync(login => login.LoginProvider == provider.Name && login.ProviderKey == identity.Subject, token) is { } login)
                    return login.UserId == actor.Id ? null : SignInProblem.ConnectedToAnother;
                if (await context.UserLogins.AnyAsync(login => login.UserId == actor.Id && login.LoginProvider == provider.Name, token))
                    return SignInProblem.ConnectedAlready;
                context.UserLogins.Add(LoginOf(identity, actor.Id));
                audit.Add(context, actor, AuditAction.ProviderConnected, actor.Id, actor.Name, new Dictionary<string, object?> { ["provider"] = provider.Name });
                await context.SaveChangesAsync(token);
                return null;
            },
            cancellation);
    }

    /// <summary>Disconnects a provider. The sessions that it began end, except the current one.</summary>
    /// <returns>False: the person couldn't sign in without it, so it stays.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<bool> DisconnectAsync(Actor actor, string provider, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnProofAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var logins = await context.UserLogins.Where(login => login.UserId == actor.Id && login.LoginProvider == provider).ToListAsync(token);
                if (logins.Count == 0)
                    return true;
                if (!(await ConnectedAsync(context, actor, token)).Any(name => name != provider) && !await HasPasswordAsync(context, actor, token))
                    return false;
                context.UserLogins.RemoveRange(logins);
                context.UserSessions.RemoveRange(await context.UserSessions
                    .Where(session => session.UserId == actor.Id && session.Provider == provider && session.Id != actor.SessionId).ToListAsync(token));
                audit.Add(context, actor, AuditAction.ProviderDisconnected, actor.Id, actor.Name, new Dictionary<string, object?> { ["provider"] = provider });
                await context.SaveChangesAsync(token);
                return true;
            },
            cancellation);
    }

    internal static IdentityUserLogin<string> LoginOf(ProviderIdentity identity, string userId) => new()
    {
        LoginProvider = identity.Provider.Name, ProviderKey = identity.Subject, ProviderDisplayName = identity.Provider.DisplayName, UserId = userId,
    };

    /// <summary>The names of the connected providers that are configured.</summary>
    private async Task<HashSet<string>> ConnectedAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        var names = await context.UserLogins.Where(login => login.UserId == actor.Id).Select(login => login.LoginProvider).ToListAsync(cancellation);
        return [.. names.Where(name => providers.Find(name) is not null)];
    }

    private async Task<bool> HasPasswordAsync(PortalDbContext context, Actor actor, CancellationToken cancellation) =>
        providers.AllowPassword && await context.Users.AnyAsync(user => user.Id == actor.Id && user.PasswordHash != null, cancellation);
}
