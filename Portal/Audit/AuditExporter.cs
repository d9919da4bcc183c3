using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>An audit entry in an export.</summary>
/// <param name="Details">The values as JSON; null: none.</param>
/// <param name="Hash">The hash of the entry and of those before it, in hexadecimal digits; null: it is older than the hashes.</param>
public sealed record ExportedEntry(
    long Id, DateTime At, string ActorKind, string ActorId, string ActorName, string Action, string TargetId, string TargetName, string? Address,
    JsonElement? Details, string? Hash);

/// <summary>Reads all entries that a filter finds, newest first, for administrators. Each export is itself in the log.</summary>
/// <remarks>Reads some entries at a time, each with a connection of its own: an export of any length needs the same memory, and holds no transaction
/// while a slow client downloads it.</remarks>
public sealed class AuditExporter(IDbContextFactory<PortalDbContext> contexts, AuditLog audit, AccessControl access)
{
    internal const int EntriesAtOnce = 1_000;

    /// <param name="format">For the entry about the export, such as <c>csv</c>.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IAsyncEnumerable<ExportedEntry>> OpenAsync(Actor actor, AuditFilter filter, string format, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var account = await context.Accounts.Where(account => account.Id == actor.AccountId).Select(account => account.Name).SingleAsync(cancellation);
        audit.Add(context, actor, AuditAction.AuditExported, actor.AccountId, account, new Dictionary<string, object?> { ["format"] = format, ["filtered"] = !filter.IsEmpty });
        await context.SaveChangesAsync(cancellation);
        return ReadAsync(actor, filter, CancellationToken.None);
    }

    private async IAsyncEnumerable<ExportedEntry> ReadAsync(Actor actor, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        AuditCursor? after = null;
        do
        {
            // An export can take minutes. It ends with the session.
            await access.RequireAsync(actor, Role.Administrator, cancellation);
            List<AuditEntry> entries;
            await using (var context = await contexts.CreateDbContextAsync(cancellation))
                (entries, after, _) = await AuditReader.FindAsync(context, actor.AccountId, filter, after, EntriesAtOnce, cancellation);
            foreach (var entry in entries)
                yield return Describe(entry);
        }
        while (after is not null);
    }

    private static ExportedEntry Describe(AuditEntry entry) => new(
        entry.Id, entry.At, entry.ActorKind, entry.ActorId, entry.ActorName, entry.Action, entry.TargetId, entry.TargetName, entry.Address,
        AuditDetails.ParseValues(entry.Details), entry.Hash is null ? null : Convert.ToHexStringLower(entry.Hash));
}
