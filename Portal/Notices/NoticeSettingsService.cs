using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Notices;

/// <summary>Which notices a user gets by mail.</summary>
/// <param name="Muted">The kinds (<see cref="NoticeKind"/>) that the user doesn't get.</param>
/// <param name="AllTokens">Whether the user, an administrator, also gets the notices of tokens that have an owner or a contact.</param>
public sealed record NoticeChoice(NoticeDigest Digest, IReadOnlySet<string> Muted, bool AllTokens);

/// <summary>Reads and changes the actor's own <see cref="NoticeChoice"/>.</summary>
public sealed class NoticeSettingsService(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access)
{
    public async Task<NoticeChoice> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.NoticeSettings.AsNoTracking().SingleOrDefaultAsync(settings => settings.UserId == actor.Id, cancellation);
        return new NoticeChoice(stored?.Digest ?? NoticeDigest.Off, MutedKinds.Parse(stored?.Muted), stored?.AllTokens ?? false);
    }

    /// <summary>Stores the choice, without an audit entry: it changes only what the user gets. Kinds that don't exist are left out, and only administrators
    /// can choose all tokens.</summary>
    /// <returns>The stored choice.</returns>
    public async Task<NoticeChoice> SaveAsync(Actor actor, NoticeChoice choice, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        ArgumentOutOfRangeException.ThrowIfEqual(Enum.IsDefined(choice.Digest), false, nameof(choice));
        await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var stored = await context.NoticeSettings.SingleOrDefaultAsync(settings => settings.UserId == actor.Id, token);
                if (stored is null)
                    context.NoticeSettings.Add(stored = new NoticeSettings { UserId = actor.Id });
                (stored.Digest, stored.Muted, stored.AllTokens) = (choice.Digest, MutedKinds.Write(choice.Muted), choice.AllTokens && actor.May(Role.Administrator));
                await context.SaveChangesAsync(token);
            },
            cancellation);
        return await ReadAsync(actor, cancellation);
    }
}
