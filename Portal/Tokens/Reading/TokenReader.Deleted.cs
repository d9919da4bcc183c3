using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>A deleted token in a list.</summary>
/// <param name="Owner">Null: no owner.</param>
/// <param name="DeletedAt">UTC.</param>
/// <param name="DeletedBy">The name of the person or token that deleted it.</param>
/// <param name="RestorableUntil">UTC. Portal removes the token some time later.</param>
/// <param name="CanBeRestored">Whether there is still time, and the reader may do it.</param>
public sealed record DeletedToken(
    string Handle, string Name, TokenExtension Extension, OwnerName? Owner, DateTime DeletedAt, string DeletedBy, DateTime RestorableUntil, bool CanBeRestored);

/// <summary>One page of deleted tokens.</summary>
/// <param name="Total">The number of results on all pages.</param>
public sealed record DeletedTokenPage(IReadOnlyList<DeletedToken> Rows, int Total);

/// <summary>A token that was removed at the end of its retention.</summary>
/// <param name="PurgedAt">UTC.</param>
public sealed record PurgedToken(string Handle, string Name, DateTime PurgedAt);

/// <content>Deleted tokens.</content>
public sealed partial class TokenReader
{
    /// <summary>Reads one page of the deleted tokens, those that were deleted last first.</summary>
    /// <param name="search">As <see cref="TokenQuery.Search"/>.</param>
    /// <param name="page">From 1.</param>
    /// <param name="size">At most <see cref="TokenQuery.LargestPage"/>.</param>
    public async Task<DeletedTokenPage> ListDeletedAsync(Actor actor, string search, int page, int size, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var (status, words) = (records.Clock, SearchWords.Parse(search));
        size = Math.Clamp(size, 1, TokenQuery.LargestPage);
        var offset = (int)Math.Min((Math.Max(page, 1) - 1L) * size, int.MaxValue);
        var wanted = new TokenSelection(DeletedTokens.Only, OrderFilter: null, Filter: null, ByDeletion, Key: $"deleted {string.Join(' ', words)}", OrderKey: "deletion", ChangesWithTime: false)
        {
            Search = words.Count > 0 ? new TokenSearch(words, DeletedTokens.Only, status) : null,
        };
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var (ids, total) = await finder.FindAsync(context, actor.AccountId, wanted, status, offset, size, cancellation);
        var rows = await context.Tokens.AsNoTracking()
            // Some may have been restored meanwhile.
            .Where(token => EF.Parameter(ids).Contains(token.Id) && token.DeletedAt != null)
            // A deleted token doesn't change, so the last change is the deletion.
            .Select(token => new { token.Id, token.Handle, token.Name, token.ExtensionId, token.ExtensionName, token.OwnerId, DeletedAt = token.DeletedAt!.Value, token.UpdatedByName })
            .ToDictionaryAsync(row => row.Id, cancellation);
        var owners = await TokenOwnerStore.ReadAsync(context, [.. rows.Values.Select(row => row.OwnerId).OfType<int>()], cancellation);
        return new DeletedTokenPage(
            [
                .. from row in ids.Where(rows.ContainsKey).Select(id => rows[id])
                   let until = row.DeletedAt.AddDays(options.Value.DeletedRetentionDays)
                   select new DeletedToken(
                       row.Handle, row.Name, records.ExtensionOf(row.ExtensionId, row.ExtensionName), row.OwnerId is { } owner ? owners.GetValueOrDefault(owner) : null,
                       row.DeletedAt, row.UpdatedByName, until, actor.May(TokenAction.Restore.Role) && until > status.Now),
            ],
            total);
    }

    /// <summary>Finds a token that was removed at the end of its retention, in the audit log.</summary>
    /// <returns>Null: the account had no such token, or the entry is past its own retention.</returns>
    public async Task<PurgedToken?> FindPurgedAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (!ApiKey.IsHandle(handle))
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.AuditEntries.AsNoTracking()
            .Where(entry => entry.AccountId == actor.AccountId && entry.TargetId == handle && entry.Action == AuditAction.TokenPurged)
            .OrderByDescending(entry => entry.At).Select(entry => new PurgedToken(handle, entry.TargetName, entry.At)).FirstOrDefaultAsync(cancellation);
    }

    private static IOrderedQueryable<Token> ByDeletion(IQueryable<Token> tokens, bool backwards) => backwards
        ? tokens.OrderBy(token => token.DeletedAt).ThenBy(token => token.CreatedAt).ThenBy(token => token.Id)
        : tokens.OrderByDescending(token => token.DeletedAt).ThenByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id);
}
