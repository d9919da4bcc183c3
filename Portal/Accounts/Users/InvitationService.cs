using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Users;

/// <summary>Invites people and withdraws invitations. <see cref="OneTimeLinkService"/> accepts them.</summary>
public sealed class InvitationService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, AccessControl access, OneTimeLinks links, LinkMails mails, ILookupNormalizer normalizer)
{
    /// <summary>The maximum number of invitations of an account that nobody has accepted.</summary>
    public const int MostInvitations = 1_000;

    /// <summary>Creates the link with which a person becomes a user of the actor's account. An earlier invitation of the same address ends.</summary>
    /// <returns>Done, with the link, or Invalid.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<UserOutcome> InviteAsync(Actor actor, string? email, Role role, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Enum.IsDefined(role), true, nameof(role));
        var address = email?.Trim() ?? "";
        if (AccountRules.CheckEmail(address) is { } fault)
            return Invalid(fault);
        var outcome = await writes.RunAsync(token => InviteInTurnAsync(actor, address, role, token), cancellation);
        // After the change, which is done even if the mail can't be sent.
        return outcome is UserOutcome.Done { Link: { } link } ? new UserOutcome.Done(await mails.SendAsync(link, actor.Name, CancellationToken.None)) : outcome;
    }

    /// <returns>Done, or NotFound.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<UserOutcome> WithdrawAsync(Actor actor, long invitationId, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync<UserOutcome>(
            async token =>
            {
                await access.RequireProofAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var link = await context.OneTimeLinks.SingleOrDefaultAsync(
                    link => link.Id == invitationId && link.AccountId == actor.AccountId && link.Purpose == OneTimeLinkPurpose.Invitation, token);
                if (link is null)
                    return new UserOutcome.NotFound();
                context.OneTimeLinks.Remove(link);
                await RecordAsync(context, actor, AuditAction.InvitationWithdrawn, new() { ["email"] = link.Email }, token);
                await context.SaveChangesAsync(token);
                return new UserOutcome.Done();
            },
            cancellation);
    }

    private async Task<UserOutcome> InviteInTurnAsync(Actor actor, string email, Role role, CancellationToken cancellation)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var normalized = normalizer.NormalizeEmail(email);
        // Of any account: a person signs in by their address alone.
        if (await context.Users.AnyAsync(user => user.NormalizedEmail == normalized, cancellation))
            return Invalid(Texts.Users_AlreadyAUser);
        if (await context.OneTimeLinks.CountAsync(
            link => link.AccountId == actor.AccountId && link.Purpose == OneTimeLinkPurpose.Invitation && link.NormalizedEmail != normalized, cancellation) >= MostInvitations)
            return Invalid(Texts.Users_TooManyInvitations.With(MostInvitations));
        var issued = await links.IssueInvitationAsync(context, actor, email, role, cancellation);
        await RecordAsync(context, actor, AuditAction.UserInvited, new() { ["email"] = email, ["role"] = role.ToString() }, cancellation);
        await context.SaveChangesAsync(cancellation);
        return new UserOutcome.Done(issued);
    }

    private async Task RecordAsync(PortalDbContext context, Actor actor, string action, Dictionary<string, object?> details, CancellationToken cancellation)
    {
        var account = await context.Accounts.AsNoTracking().SingleAsync(account => account.Id == actor.AccountId, cancellation);
        audit.Add(context, actor, action, account.Id, account.Name, details);
    }

    private static UserOutcome.Invalid Invalid(string message) => new([new UserError(UserField.Email, message)]);
}
