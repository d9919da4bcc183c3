using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.SecondFactor;

/// <summary>What the policy wants from the actor.</summary>
/// <param name="DueAt">Until when a second factor must be set up, in UTC.</param>
/// <param name="IsOverdue">Whether that time has passed. The actor can then only use their profile.</param>
public sealed record SecondFactorDuty(DateTime DueAt, bool IsOverdue);

/// <summary>Decides who must have a second factor, and until when. <see cref="AccessControl"/> enforces it.</summary>
public sealed class SecondFactorPolicy(AccessControl access, UserStates users, IOptions<SecondFactorOptions> options, TimeProvider clock)
{
    /// <returns>Null: the actor has a second factor or needs none.</returns>
    public async Task<SecondFactorDuty?> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        return (await users.GetAsync(actor.Id, cancellation))?.FindSecondFactorDue(actor) is { } dueAt
            ? new SecondFactorDuty(dueAt, dueAt <= clock.GetUtcNow().UtcDateTime)
            : null;
    }

    /// <summary>Whether users with this role must have a second factor.</summary>
    internal bool IsRequiredFor(Role role) => options.Value.Required.Includes(role);

    /// <summary>At a sign-in: the time begins with the first one under the policy, and anew after a second factor was removed. The caller saves.</summary>
    /// <param name="byProvider">Whether an identity provider signed the user in. It decides about second factors itself.</param>
    internal async Task NoteSignInAsync(PortalDbContext context, PortalUser user, bool byProvider, CancellationToken cancellation)
    {
        if (byProvider)
            return;
        var roles = await context.UserRoles.Where(held => held.UserId == user.Id).Select(held => held.RoleId).ToListAsync(cancellation);
        var isRequired = IsRequiredFor(roles.Contains(nameof(Role.Administrator)) ? Role.Administrator : Role.Viewer);
        user.SecondFactorDueAt = !isRequired || await HasAnyAsync(context, user.Id, cancellation)
            ? null
            : user.SecondFactorDueAt ?? clock.GetUtcNow().UtcDateTime.AddDays(options.Value.GraceDays);
    }

    internal static Task<bool> HasAppAsync(PortalDbContext context, string userId, CancellationToken cancellation) =>
        context.UserSecondFactors.AnyAsync(factor => factor.UserId == userId && factor.ConfirmedAt != null, cancellation);

    internal static Task<bool> HasPasskeyAsync(PortalDbContext context, string userId, CancellationToken cancellation) =>
        context.UserPasskeys.AnyAsync(passkey => passkey.UserId == userId, cancellation);

    internal static async Task<bool> HasAnyAsync(PortalDbContext context, string userId, CancellationToken cancellation) =>
        await HasAppAsync(context, userId, cancellation) || await HasPasskeyAsync(context, userId, cancellation);
}
