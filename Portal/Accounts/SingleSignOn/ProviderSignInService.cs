using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.Users;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>The outcome of a sign-in with a provider.</summary>
/// <param name="Problem">Why the person is not signed in; null: they are.</param>
/// <param name="NeedsCode">Whether the person must also enter a code of Portal's second factor.</param>
public sealed record ProviderSignInResult(SignInProblem? Problem, bool NeedsCode = false);

/// <summary>Signs in people whom a provider has identified, and creates their users. A person is known by the provider's ID (<c>sub</c>) alone: an
/// email address can be given to another person later.</summary>
public sealed class ProviderSignInService(
    PortalDbContext context, WriteQueue writes, UserManager<PortalUser> users, SessionStarter sessions, SecondFactorVerifier codes,
    OneTimeLinks links, ProviderRoles roles, UserAccess access, AuditLog audit, TimeProvider clock)
{
    /// <summary>Signs the person in, and adds the session cookie to the response.</summary>
    /// <param name="invitation">The code of the invitation that the person accepts; null: none.</param>
    public async Task<ProviderSignInResult> SignInAsync(ProviderIdentity identity, string? invitation, SessionOrigin origin, CancellationToken cancellation = default)
    {
        identity = identity with { Address = AddressNumber.Write(origin.Address) };
        var (user, problem) = await writes.RunAsync(token => FindInTurnAsync(identity, invitation, token), cancellation);
        if (user is null)
            return new ProviderSignInResult(problem ?? SignInProblem.Failed);
        var session = new ProviderSession(identity.Provider.Name, identity.Subject, identity.SessionId, identity.IdToken);
        if (identity.Provider.Options.AskSecondFactor && !identity.HasMultiFactor && await codes.IsSetUpAsync(user.Id, cancellation))
        {
            await sessions.AskForCodeAsync(user, session);
            return new ProviderSignInResult(null, NeedsCode: true);
        }

        await sessions.BeginAsync(user, origin with { Provider = session }, cancellation);
        return new ProviderSignInResult(null);
    }

    private async Task<(PortalUser? User, SignInProblem? Problem)> FindInTurnAsync(ProviderIdentity identity, string? invitation, CancellationToken cancellation)
    {
        context.ChangeTracker.Clear();
        var provider = identity.Provider.Name;
        var login = await context.UserLogins.AsNoTracking().SingleOrDefaultAsync(login => login.LoginProvider == provider && login.ProviderKey == identity.Subject, cancellation);
        var userId = login?.UserId ?? await FindProvisionedAsync(identity, cancellation);
        if (userId is null)
            return identity.FindRefusal() is { } refusal ? (null, refusal)
                : invitation is not null ? await JoinAsync(identity, invitation, cancellation)
                : await CreateAsync(identity, cancellation);
        var user = await context.Users.SingleAsync(user => user.Id == userId, cancellation);
        if (!access.IsActive(user))
            return (null, SignInProblem.LockedOut);
        if (identity.FindRefusal() is { } problem)
        {
            if (problem is SignInProblem.NotAllowed)
                await roles.EndSessionsAsync(context, user, identity.Provider, cancellation);
            return (null, problem);
        }

        if (await roles.UpdateAsync(context, user, identity, cancellation) is { } noRole)
            return (null, noRole);
        // A directory has created the user, but given them no role yet.
        if (access.IsDisabled(user))
            return (null, SignInProblem.NoRole);
        if (login is null)
        {
            context.UserLogins.Add(ProviderConnections.LoginOf(identity, user.Id));
            audit.Add(
                context, ProviderRoles.ActorOf(identity.Provider, user, identity.Address), AuditAction.ProviderConnected, user.Id, user.DisplayName,
                new Dictionary<string, object?> { ["provider"] = identity.Provider.Name });
            await context.SaveChangesAsync(cancellation);
        }

        return (user, null);
    }

    /// <summary>Finds a user whom the provider has created by SCIM, and who signs in for the first time.</summary>
    private async Task<string?> FindProvisionedAsync(ProviderIdentity identity, CancellationToken cancellation)
    {
        if (identity.ScimId is not { Length: > 0 } id)
            return null;
        var found = await context.ScimUsers.Where(user => user.ExternalId == id).Select(user => user.UserId).Order().Take(2).ToListAsync(cancellation);
        return found is [var only] && !await context.UserLogins.AnyAsync(login => login.UserId == only && login.LoginProvider == identity.Provider.Name, cancellation) ? only : null;
    }

    /// <summary>Creates the user whom a one-time link invites. The link ends.</summary>
    private async Task<(PortalUser? User, SignInProblem? Problem)> JoinAsync(ProviderIdentity identity, string invitation, CancellationToken cancellation)
    {
        if (await links.FindAsync(context, OneTimeLinkPurpose.Invitation, invitation, cancellation) is not { } link)
            return (null, SignInProblem.InvitationEnded);
        if (await IsTakenAsync(link.NormalizedEmail, cancellation))
            return (null, SignInProblem.EmailTaken);
        context.OneTimeLinks.Remove(link);
        return (await AddAsync(identity, link.AccountId, link.Email, Enum.Parse<Role>(link.Role!), link.CreatedByName, cancellation), null);
    }

    private async Task<(PortalUser? User, SignInProblem? Problem)> CreateAsync(ProviderIdentity identity, CancellationToken cancellation)
    {
        // First: someone who has a password here needs to know how to connect the provider, whatever its policy for new users.
        var taken = identity is { Email: { } known, IsEmailVerified: true } && await IsTakenAsync(users.NormalizeEmail(known), cancellation);
        if (taken)
            return (null, SignInProblem.EmailTaken);
        if (identity.Provider.Options.NewUsers != NewUserPolicy.Create)
            return (null, SignInProblem.NotInvited);
        if (identity.Email is not { } email)
            return (null, SignInProblem.NoEmail);
        if (!identity.IsEmailVerified)
            return (null, SignInProblem.UnverifiedEmail);
        if (identity.Role is not { } role)
            return (null, SignInProblem.NoRole);
        var account = await context.Accounts.OrderBy(account => account.CreatedAt).ThenBy(account => account.Id).Select(account => account.Id).FirstAsync(cancellation);
        return (await AddAsync(identity, account, email, role, invitedBy: null, cancellation), null);
    }

    private Task<bool> IsTakenAsync(string? normalizedEmail, CancellationToken cancellation) =>
        context.Users.AnyAsync(user => user.NormalizedEmail == normalizedEmail, cancellation);

    private async Task<PortalUser> AddAsync(ProviderIdentity identity, string account, string email, Role role, string? invitedBy, CancellationToken cancellation)
    {
        var user = new PortalUser
        {
            AccountId = account, DisplayName = identity.UserNameFor(email), UserName = email, NormalizedUserName = users.NormalizeName(email), Email = email,
            NormalizedEmail = users.NormalizeEmail(email), EmailConfirmed = identity.IsEmailVerified, LockoutEnabled = true, CreatedAt = clock.GetUtcNow().UtcDateTime,
            SecurityStamp = Guid.CreateVersion7().ToString("N"),
        };
        context.Users.Add(user);
        context.UserRoles.Add(new IdentityUserRole<string> { UserId = user.Id, RoleId = role.ToString() });
        context.UserLogins.Add(ProviderConnections.LoginOf(identity, user.Id));
        var details = new Dictionary<string, object?> { ["email"] = email, ["role"] = role.ToString(), ["provider"] = identity.Provider.Name };
        if (invitedBy is not null)
            details["invitedBy"] = invitedBy;
        audit.Add(context, new Actor(ActorKind.User, user.Id, user.DisplayName, account, role) { Address = identity.Address }, AuditAction.UserCreated, user.Id, user.DisplayName, details);
        await context.SaveChangesAsync(cancellation);
        return user;
    }
}
