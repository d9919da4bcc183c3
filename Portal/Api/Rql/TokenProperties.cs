using System.Linq.Expressions;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Api.Rql;

/// <summary>The properties by which a list of tokens can be filtered and ordered.</summary>
/// <remarks>The status and the extension's name are not stored as displayed. The database computes them by the same rules as Portal.</remarks>
public static class TokenProperties
{
    private static readonly Dictionary<TokenStatus, string> StatusNames =
        Enum.GetValues<TokenStatus>().ToDictionary(status => status, status => status.ToString().ToLowerInvariant());

    private static readonly Expression<Func<Token, string?>> SearchText = token => token.SearchText;

    /// <param name="clock">The time of the request.</param>
    public static RqlProperties<Token> For(ModuleCatalog catalog, StatusClock clock)
    {
        const RqlLookups Text = RqlLookups.Text, TextOrNull = RqlLookups.Text | RqlLookups.Null, Moment = RqlLookups.Scalar;
        var stored = new RqlStored<Token>(UpperSearchText: SearchText, IsIndexed: true);
        return new RqlProperties<Token>(token => token.Id, "events.created.at")
            .Moment("events.created.at", Moment, token => token.CreatedAt, ordered: true)
            .Text("events.created.by.id", TextOrNull, token => token.CreatedById)
            .Text("events.created.by.name", TextOrNull, token => token.CreatedByName)
            .Moment("expiration_date", Moment | RqlLookups.Null, ExpirationDate(clock.Now), ordered: true)
            .Text("extension.id", TextOrNull, token => token.ExtensionId, ordered: true)
            .Text("extension.name", Text, ExtensionName(catalog), equal: name => IsExtensionName(catalog, name))
            .Text("external_id", TextOrNull, token => token.ExternalId, stored, searched: true)
            .Text("id", TextOrNull, token => token.Handle, new RqlStored<Token>(Upper: token => token.Handle, UpperSearchText: SearchText, IsIndexed: true), ordered: true, searched: true)
            .Text("name", TextOrNull, token => token.Name, stored, ordered: true, searched: true)
            .Searched("description", token => token.Description, stored)
            .Texts("permissions.id", TextOrNull, test => HasModule(catalog, test))
            .Texts("permissions.object.id", Text, test => HasModule(catalog, test))
            .Text("status", Text, StatusName(clock), ordered: true, allowed: [.. StatusNames.Values],
                equal: name => clock.Is(StatusNames.First(status => status.Value == name).Key));
    }

    /// <summary>The expiration of the key that ends first. The other key is the renewed one.</summary>
    private static Expression<Func<Token, DateTime?>> ExpirationDate(DateTime now) =>
        token => token.PreviousEndsAt > now ? token.PreviousEndsAt : token.ExpiresAt;

    /// <summary>The extension's name in the catalog, which may have changed; if the catalog no longer contains it, the name at creation.</summary>
    private static Expression<Func<Token, string?>> ExtensionName(ModuleCatalog catalog)
    {
        Expression<Func<Token, string>> id = token => token.ExtensionId, stored = token => token.ExtensionName;
        var row = id.Parameters[0];
        var name = new Renaming(stored.Parameters[0], row).Visit(stored.Body);
        foreach (var extension in catalog.Extensions)
            name = Expression.Condition(Expression.Equal(id.Body, RqlExpressions.Parameter(extension.Id)), RqlExpressions.Parameter(extension.Name), name);
        return Expression.Lambda<Func<Token, string?>>(name, row);
    }

    /// <summary>Tests for one extension name in a way that can use an index.</summary>
    private static Expression<Func<Token, bool>> IsExtensionName(ModuleCatalog catalog, string name)
    {
        string[] all = [.. catalog.Extensions.Select(extension => extension.Id)];
        string[] named = [.. catalog.Extensions.Where(extension => extension.Name == name).Select(extension => extension.Id)];
        return token => named.Contains(token.ExtensionId) || (!all.Contains(token.ExtensionId) && token.ExtensionName == name);
    }

    /// <summary>A token with all modules has every module of the catalog. Grants of modules outside the catalog don't count.</summary>
    private static Expression<Func<Token, bool>> HasModule(ModuleCatalog catalog, Func<string, bool> test)
    {
        List<string> wanted = [.. catalog.Modules.Select(module => module.Id).Where(test)];
        if (wanted.Count == 0)
            return token => false;
        // All modules are also stored as a permission, so the database doesn't need to read the token.
        wanted.Add(TokenPermission.AllModules);
        return token => token.Permissions.Any(permission => wanted.Contains(permission.ModuleId));
    }

    private static Expression<Func<Token, string?>> StatusName(StatusClock clock)
    {
        var status = clock.Expression;
        return Expression.Lambda<Func<Token, string?>>(new Naming().Visit(status.Body), status.Parameters);
    }

    private sealed class Renaming(ParameterExpression from, Expression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }

    /// <summary>Replaces the statuses in a rule by their names.</summary>
    private sealed class Naming : ExpressionVisitor
    {
        protected override Expression VisitConditional(ConditionalExpression node) => Expression.Condition(node.Test, Visit(node.IfTrue), Visit(node.IfFalse));

        protected override Expression VisitConstant(ConstantExpression node) => node.Value is TokenStatus status ? Expression.Constant(StatusNames[status]) : node;
    }
}
