using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Data;

namespace Portal.IpRules;

/// <summary>A question for the tokens that can be used from certain addresses.</summary>
/// <param name="IsOutside">Whether the question is about all addresses outside <paramref name="Range"/>.</param>
/// <param name="ModuleId">Only tokens that may use this module of the catalog; null: all.</param>
public sealed record AddressQuestion(AddressRange Range, bool IsOutside = false, string? ModuleId = null);

/// <summary>The tokens that can be used from at least one of the addresses.</summary>
/// <param name="Total">The number of tokens on all pages.</param>
public sealed record AddressAnswer(IReadOnlyList<ReachingToken> Rows, int Total);

/// <param name="OwnRules">The number of rules for this token.</param>
/// <param name="LastUsedAt">UTC; null: never.</param>
public sealed record ReachingToken(IpRuleToken Token, bool AllModules, int OwnRules, DateTime? LastUsedAt);

/// <summary>Answers which tokens Portal accepts from an address.</summary>
/// <remarks>The rules decide about tokens without rules of their own together, so that only tokens with rules are checked one by one.</remarks>
public sealed class AddressChecker(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    public const int LargestPage = 100;

    /// <summary>Reads one page, in order of name. Only tokens that are active and have a valid key count.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<AddressAnswer> CheckAsync(Actor actor, AddressQuestion question, int page, int pageSize, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var book = await RuleBook.ReadAsync(context, actor.AccountId, cancellation);
        var asked = question.IsOutside ? AddressSet.Outside(question.Range) : new AddressSet([question.Range]);
        if (!Allows(book.Effect.AddressesOfAccount, asked))
            return new AddressAnswer([], 0);
        var refused = book.Effect.TokensWithRules.Where(id => !Allows(book.Effect.AddressesOf(id), asked)).ToArray();
        var found = Usable(context, actor.AccountId, question.ModuleId, refused);
        var size = Math.Clamp(pageSize, 1, LargestPage);
        var offset = (int)Math.Min((Math.Max(page, 1) - 1L) * size, int.MaxValue);
        var rows = await found.OrderBy(token => token.NameSortKey).ThenBy(token => token.Id).Skip(offset).Take(size)
            .Select(token => new { token.Id, token.Handle, token.Name, token.AllModules, token.LastUsedAt }).ToListAsync(cancellation);
        return new AddressAnswer(
            [.. rows.Select(row => new ReachingToken(new IpRuleToken(row.Handle, row.Name), row.AllModules, book.Of(row.Id).Count, row.LastUsedAt))],
            await found.CountAsync(cancellation));
    }

    private static bool Allows(AddressSet? allowed, AddressSet asked) => allowed is null || allowed.Overlaps(asked);

    private IQueryable<Token> Usable(PortalDbContext context, string accountId, string? moduleId, long[] refused)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var tokens = context.Tokens.AsNoTracking().Where(token =>
            token.AccountId == accountId && token.DeletedAt == null && token.Status == StoredStatus.Active
            && (token.ExpiresAt == null || token.ExpiresAt > now || token.PreviousEndsAt > now));
        if (moduleId is not null)
            tokens = tokens.Where(token => token.AllModules || token.Permissions.Any(permission => permission.ModuleId == moduleId));
        return refused.Length == 0 ? tokens : tokens.Where(token => !EF.Parameter(refused).Contains(token.Id));
    }
}
