using System.Linq.Expressions;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>Finds the tokens of an account that are enabled and have a live key, by the index of the search.</summary>
public sealed class WorkingTokens(TokenFinder finder, TokenRecordReader records, ModuleCatalog catalog) : IWorkingTokens
{
    /// <inheritdoc/>
    public Task<(IReadOnlyList<long> Ids, int Total)> FindAsync(
        PortalDbContext context, string accountId, string? moduleId, IReadOnlySet<long> except, int offset, int limit, CancellationToken cancellation)
    {
        var status = records.Clock;
        var module = moduleId is null ? null : catalog.FindModule(moduleId);
        Expression<Func<Token, bool>>? ofUnknownModule = moduleId is null || module is not null
            ? null
            : token => token.AllModules || token.Permissions.Any(permission => permission.ModuleId == moduleId);
        var wanted = new TokenSelection(DeletedTokens.LeftOut, OrderFilter: null, ofUnknownModule, ByName, Key: null, OrderKey: null, ChangesWithTime: true)
        {
            Search = new TokenSearch([], DeletedTokens.LeftOut, status) { Working = true, Module = module?.Index, Except = except.Count > 0 ? except : null },
        };
        return finder.FindAsync(context, accountId, wanted, status, offset, limit, cancellation);
    }

    private static IQueryable<Token> ByName(IQueryable<Token> tokens, bool backwards) => backwards
        ? tokens.OrderByDescending(token => token.NameSortKey).ThenByDescending(token => token.Id)
        : tokens.OrderBy(token => token.NameSortKey).ThenBy(token => token.Id);
}
