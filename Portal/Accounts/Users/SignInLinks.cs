using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Users;

/// <summary>Links with which a user signs in once, for when the identity provider doesn't work and the configuration allows no passwords. Only an operator
/// of the server can create them: an administrator could otherwise act under another name.</summary>
internal sealed class SignInLinks(
    PortalDbContext context, WriteQueue writes, UserManager<PortalUser> users, SessionStarter sessions, SecondFactorVerifier codes,
    OneTimeLinks links, AccessControl access, AuditLog audit)
{
    /// <returns>Done, with the link; Refused, if the user is disabled; or NotFound.</returns>
    public async Task<UserOutcome> IssueAsync(Actor actor, string userId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        ArgumentOutOfRangeException.ThrowIfNotEqual(actor.Kind, ActorKind.System, nameof(actor));
        return await writes.RunAsync<UserOutcome>(
            async token =>
            {
                context.ChangeTracker.Clear();
                if (await context.Users.SingleOrDefaultAsync(user => user.Id == userId && user.AccountId == actor.AccountId, token) is not { } user)
                    return new UserOutcome.NotFound();
                if (await users.IsLockedOutAsync(user))
                    return new UserOutcome.Refused(Texts.Login_LockedOut);
                if (user.Email is null)
                    return new UserOutcome.Refused(Texts.Users_NoEmail);
                var issued = await links.IssueForSignInAsync(context, actor, user, token);
                audit.Add(context, actor, AuditAction.SignInLinkCreated, user.Id, user.DisplayName);
                await context.SaveChangesAsync(token);
                return new UserOutcome.Done(issued);
            },
            cancellation);
    }

    /// <summary>Signs in the user that the link belongs to. The link ends.</summary>
    /// <returns>SignedIn; CodeNeeded, if the user has a second factor; LockedOut; or Expired, if the link doesn't work, or no longer.</returns>
    public async Task<SignInOutcome> UseAsync(string? code, SessionOrigin origin, CancellationToken cancellation = default)
    {
        var (user, outcome) = await writes.RunAsync(token => UseInTurnAsync(code, origin, token), cancellation);
        if (user is null)
            return outcome;
        if (await codes.IsSetUpAsync(user.Id, cancellation))
        {
            await sessions.AskForCodeAsync(user, provider: null);
            return SignInOutcome.CodeNeeded;
        }

        await sessions.BeginAsync(user, origin, cancellation);
        return SignInOutcome.SignedIn;
    }

    private async Task<(PortalUser? User, SignInOutcome Outcome)> UseInTurnAsync(string? code, SessionOrigin origin, CancellationToken cancellation)
    {
        context.ChangeTracker.Clear();
        if (await links.FindAsync(context, OneTimeLinkPurpose.SignIn, code, cancellation) is not { } link)
            return (null, SignInOutcome.Expired);
        var user = await context.Users.SingleAsync(user => user.Id == link.UserId, cancellation);
        if (await users.IsLockedOutAsync(user))
            return (null, SignInOutcome.LockedOut);
        context.OneTimeLinks.Remove(link);
        var actor = new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer) { Address = AddressNumber.Write(origin.Address) };
        audit.Add(context, actor, AuditAction.SignInLinkUsed, user.Id, user.DisplayName);
        await context.SaveChangesAsync(cancellation);
        return (user, SignInOutcome.SignedIn);
    }
}
