using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Reads tokens of the actor's account for the API, for any role, and describes stored tokens for pages too.
/// The results contain no keys.</summary>
public sealed class TokenRecordReader(
    IDbContextFactory<PortalDbContext> contexts, ModuleCatalog catalog, TokenFinder finder, AccessControl access, IOptions<TokenOptions> options,
    TimeProvider clock)
{
    /// <summary>The clock that determines the statuses now.</summary>
    public StatusClock Clock => StatusClock.At(clock.GetUtcNow().UtcDateTime, options.Value);

    /// <param name="status">The clock that the selection uses.</param>
    /// <param name="offset">The number of results to skip.</param>
    /// <param name="limit">The maximum number of results.</param>
    public async Task<TokenRecords> ListAsync(
        Actor actor, StatusClock status, TokenSelection wanted, int offset, int limit, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var (ids, total) = await finder.FindAsync(context, actor.AccountId, wanted, status, offset, limit, cancellation);
        if (ids.Count == 0)
            return new TokenRecords([], total);
        var tokens = await context.Tokens.AsNoTracking().Where(token => EF.Parameter(ids).Contains(token.Id)).ToDictionaryAsync(token => token.Id, cancellation);
        // A token may have been removed since it was found.
        List<Token> page = [.. ids.Select(id => tokens.GetValueOrDefault(id)).OfType<Token>()];
        return new TokenRecords(await DescribeAsync(context, page, status, cancellation), total);
    }

    /// <summary>Finds a token by its handle; null: the account has no such token, or the text isn't a handle.</summary>
    public async Task<TokenRecord?> FindAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (!ApiKey.IsHandle(handle))
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokens = await OfAccount(context, actor).Where(token => token.Handle == handle).ToListAsync(cancellation);
        return (await DescribeAsync(context, tokens, Clock, cancellation)).SingleOrDefault();
    }

    private static IQueryable<Token> OfAccount(PortalDbContext context, Actor actor) =>
        context.Tokens.AsNoTracking().Where(token => token.AccountId == actor.AccountId);

    private async Task<List<TokenRecord>> DescribeAsync(
        PortalDbContext context, List<Token> tokens, StatusClock status, CancellationToken cancellation)
    {
        // A separate query: a join would repeat the row of a token for each of its permissions.
        var ids = tokens.ConvertAll(token => token.Id);
        var permissions = (await context.TokenPermissions.AsNoTracking().Where(permission => EF.Parameter(ids).Contains(permission.TokenId)).ToListAsync(cancellation))
            .ToLookup(permission => permission.TokenId);
        return tokens.ConvertAll(token => Describe(token, permissions[token.Id], status));
    }

    /// <summary>Describes a loaded token with its permissions.</summary>
    internal TokenRecord Describe(Token token) => Describe(token, token.Permissions, Clock);

    /// <summary>Describes a token with permissions that were loaded separately.</summary>
    internal TokenRecord Describe(Token token, IEnumerable<TokenPermission> permissions, StatusClock status) => new(
        token.Handle, token.Name, token.ExternalId, token.Description,
        status.Of(token.Status, token.ExpiresAt, token.PreviousEndsAt),
        ExtensionOf(token.ExtensionId, token.ExtensionName),
        token.AllModules, GrantsOf(permissions.ToDictionary(permission => permission.ModuleId)),
        token.ExpiresAt, token.PreviousEndsAt > status.Now ? token.PreviousEndsAt : null,
        new TokenEvent(token.CreatedAt, token.CreatedById, token.CreatedByName), new TokenEvent(token.UpdatedAt, token.UpdatedById, token.UpdatedByName),
        token.Version)
    {
        StartsAt = token.StartsAt, NoticeDays = token.NoticeDays,
    };

    internal TokenExtension ExtensionOf(string id, string name) => new(id, name, catalog.FindExtension(id));

    internal static TokenEvent EventOf(TokenPermission permission) => new(permission.GrantedAt, permission.GrantedById, permission.GrantedByName);

    private List<ModuleGrant> GrantsOf(Dictionary<string, TokenPermission> permissions)
    {
        var all = permissions.GetValueOrDefault(TokenPermission.AllModules);
        return [.. catalog.Modules
            .Select(module => (Module: module, Permission: permissions.GetValueOrDefault(module.Id) ?? all))
            .Where(grant => grant.Permission is not null)
            .Select(grant => new ModuleGrant(grant.Module.Id, grant.Module.Name, EventOf(grant.Permission!)))];
    }
}
