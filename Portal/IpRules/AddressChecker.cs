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

/// <summary>Finds the tokens of an account that work, whatever their addresses.</summary>
public interface IWorkingTokens
{
    /// <summary>Finds one page in order of name, and the total number.</summary>
    /// <param name="moduleId">Only tokens that may use this module of the catalog; null: all.</param>
    /// <param name="except">The IDs of tokens to leave out.</param>
    Task<(IReadOnlyList<long> Ids, int Total)> FindAsync(
        PortalDbContext context, string accountId, string? moduleId, IReadOnlySet<long> except, int offset, int limit, CancellationToken cancellation);
}

/// <summary>Answers which tokens Portal accepts from an address.</summary>
/// <remarks>The rules decide about tokens without rules of their own together, so that only tokens with rules are checked one by one.</remarks>
public sealed class AddressChecker(IDbContextFactory<PortalDbContext> contexts, IWorkingTokens working, AccessControl access)
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
        var refused = book.Effect.TokensWithRules.Where(id => !Allows(book.Effect.AddressesOf(id), asked)).ToHashSet();
        var size = Math.Clamp(pageSize, 1, LargestPage);
        var offset = (int)Math.Min((Math.Max(page, 1) - 1L) * size, int.MaxValue);
        var (ids, total) = await working.FindAsync(context, actor.AccountId, question.ModuleId, refused, offset, size, cancellation);
        var rows = await context.Tokens.AsNoTracking().Where(token => EF.Parameter(ids).Contains(token.Id))
            .Select(token => new { token.Id, token.Handle, token.Name, token.AllModules, token.LastUsedAt }).ToDictionaryAsync(token => token.Id, cancellation);
        return new AddressAnswer(
            [.. ids.Where(rows.ContainsKey).Select(id => rows[id])
                .Select(row => new ReachingToken(new IpRuleToken(row.Handle, row.Name), row.AllModules, book.Of(row.Id).Count, row.LastUsedAt))],
            total);
    }

    private static bool Allows(AddressSet? allowed, AddressSet asked) => allowed is null || allowed.Overlaps(asked);
}
