using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.Users;

/// <summary>Creates and finds one-time links. Callers check access, run in the <see cref="WriteQueue"/> and save.</summary>
public sealed class OneTimeLinks(ILookupNormalizer normalizer, TimeProvider clock)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    /// <summary>How long a link works that a person asked for, without an administrator.</summary>
    public static readonly TimeSpan LifetimeOfRequested = TimeSpan.FromHours(1);

    /// <summary>How long a link for a sign-in works.</summary>
    public static readonly TimeSpan SignInLifetime = TimeSpan.FromMinutes(15);

    /// <summary>Adds the invitation of an address, and removes the earlier one.</summary>
    internal Task<IssuedLink> IssueInvitationAsync(PortalDbContext context, Actor actor, string email, Role role, CancellationToken cancellation) =>
        IssueAsync(context, actor, OneTimeLinkPurpose.Invitation, email, role, null, Lifetime, cancellation);

    /// <summary>Adds the link with which a user sets a new password, and removes the earlier one.</summary>
    /// <param name="lifetime">Null: <see cref="Lifetime"/>.</param>
    internal Task<IssuedLink> IssueForPasswordAsync(PortalDbContext context, Actor actor, PortalUser user, CancellationToken cancellation, TimeSpan? lifetime = null) =>
        IssueAsync(context, actor, OneTimeLinkPurpose.NewPassword, user.Email!, null, user.Id, lifetime ?? Lifetime, cancellation);

    /// <summary>Adds the link with which a user signs in, and removes the earlier one.</summary>
    internal Task<IssuedLink> IssueForSignInAsync(PortalDbContext context, Actor actor, PortalUser user, CancellationToken cancellation) =>
        IssueAsync(context, actor, OneTimeLinkPurpose.SignIn, user.Email!, null, user.Id, SignInLifetime, cancellation);

    /// <summary>Finds a link that still works.</summary>
    /// <param name="code">The code as a person entered it.</param>
    /// <returns>Null: it was used, withdrawn or replaced, has expired, or never existed.</returns>
    internal async Task<OneTimeLink?> FindAsync(PortalDbContext context, OneTimeLinkPurpose purpose, string? code, CancellationToken cancellation)
    {
        if (code is not { Length: > 0 and <= OneTimeCode.LongestInput })
            return null;
        var hash = OneTimeCode.HashOf(code);
        var now = clock.GetUtcNow().UtcDateTime;
        var link = await context.OneTimeLinks.SingleOrDefaultAsync(link => link.CodeHash == hash, cancellation);
        return link?.Purpose == purpose && link.ExpiresAt > now ? link : null;
    }

    private async Task<IssuedLink> IssueAsync(
        PortalDbContext context, Actor actor, OneTimeLinkPurpose purpose, string email, Role? role, string? userId, TimeSpan lifetime,
        CancellationToken cancellation)
    {
        var normalized = normalizer.NormalizeEmail(email);
        context.OneTimeLinks.RemoveRange(await context.OneTimeLinks
            .Where(link => link.AccountId == actor.AccountId && link.Purpose == purpose && link.NormalizedEmail == normalized)
            .ToListAsync(cancellation));
        var (code, now) = (OneTimeCode.Create(), clock.GetUtcNow().UtcDateTime);
        var link = new OneTimeLink
        {
            AccountId = actor.AccountId, Purpose = purpose, CodeHash = OneTimeCode.HashOf(code), Email = email, NormalizedEmail = normalized!,
            Role = role?.ToString(), UserId = userId, CreatedAt = now, ExpiresAt = now + lifetime, CreatedByName = actor.Name, CreatedById = actor.Id,
        };
        context.OneTimeLinks.Add(link);
        return new IssuedLink(purpose, email, code, link.ExpiresAt);
    }
}
