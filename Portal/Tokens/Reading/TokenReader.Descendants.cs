using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>A token that another token created, directly or through further tokens.</summary>
/// <param name="CreatedBy">The handle of the token that created it.</param>
public sealed record DescendantToken(string Handle, string Name, StoredStatus Status, string CreatedBy, DateTime? LastUsedAt);

/// <summary>The tokens that one token created, directly or indirectly.</summary>
/// <param name="AreAll">False: there are more tokens than listed.</param>
public sealed record DescendantTokens(IReadOnlyList<DescendantToken> Tokens, bool AreAll);

public sealed partial class TokenReader
{
    /// <summary>The maximum number of listed tokens, and of tokens that are followed to find them.</summary>
    internal const int MostDescendants = 100, MostFollowed = 2_000;

    /// <summary>The tokens that the token created, and those that they created, and so on; level by level.</summary>
    /// <param name="wanted">The statuses to list. Tokens with other statuses are followed too, because they may have created tokens to list.</param>
    public async Task<DescendantTokens> FindDescendantsAsync(
        Actor actor, string handle, Func<StoredStatus, bool> wanted, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var seen = new HashSet<string>(StringComparer.Ordinal) { handle };
        var found = new List<DescendantToken>();
        string[] level = [handle];
        while (level.Length > 0)
        {
            var next = new List<string>();
            await foreach (var token in CreatedBy(context, actor.AccountId, level).AsAsyncEnumerable().WithCancellation(cancellation))
            {
                if (!seen.Add(token.Handle))
                    continue;
                if (found.Count == MostDescendants || seen.Count > MostFollowed)
                    return new DescendantTokens(found, AreAll: false);
                next.Add(token.Handle);
                if (wanted(token.Status))
                    found.Add(token);
            }

            level = [.. next];
        }

        return new DescendantTokens(found, AreAll: true);
    }

    internal static IQueryable<DescendantToken> CreatedBy(PortalDbContext context, string accountId, string[] handles) => context.Tokens.AsNoTracking()
        .Where(token => token.AccountId == accountId && token.CreatedByKind == CreatorKind.Token && EF.Parameter(handles).Contains(token.CreatedById))
        .Select(token => new DescendantToken(token.Handle, token.Name, token.Status, token.CreatedById, token.LastUsedAt));
}
