using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Reads tokens of the actor's account, for any role. The results contain no keys.</summary>
public sealed partial class TokenReader(
    IDbContextFactory<PortalDbContext> contexts, TokenRecordReader records, ModuleCatalog catalog, TokenFinder finder, AccessControl access,
    IOptions<TokenOptions> options)
{
    private readonly string[] _offered = [.. catalog.Modules.Select(module => module.Id)];

    /// <summary>Reads one page. The database filters, sorts and pages.</summary>
    public async Task<TokenPage> ListAsync(Actor actor, TokenQuery query, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var status = records.Clock;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var size = Math.Clamp(query.PageSize, 1, TokenQuery.LargestPage);
        var offset = (int)Math.Min((Math.Max(query.Page, 1) - 1L) * size, int.MaxValue);
        var (ids, total) = await finder.FindAsync(context, actor.AccountId, await SelectAsync(context, actor.AccountId, query, status, cancellation), status, offset, size, cancellation);
        var rows = await context.Tokens.AsNoTracking()
            .Where(token => EF.Parameter(ids).Contains(token.Id))
            .Select(token => new
            {
                token.Id, token.Handle, token.Name, token.ExternalId, token.ExtensionId, token.ExtensionName, token.Status, token.AllModules,
                token.ExpiresAt, token.PreviousEndsAt, token.CreatedAt, token.CreatedById, token.CreatedByName, token.LastUsedAt, token.OwnerId, token.StartsAt,
                ModuleCount = token.Permissions.Count(permission => _offered.Contains(permission.ModuleId)),
            })
            .ToDictionaryAsync(row => row.Id, cancellation);
        var owners = await TokenOwnerStore.ReadAsync(context, [.. rows.Values.Select(row => row.OwnerId).OfType<int>()], cancellation);
        return new TokenPage(
            [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(row =>
            {
                var shown = status.Of(row.Status, row.ExpiresAt, row.PreviousEndsAt);
                return new TokenRow(
                    row.Handle, row.Name, records.ExtensionOf(row.ExtensionId, row.ExtensionName), shown, row.AllModules, row.ModuleCount,
                    new TokenEvent(row.CreatedAt, row.CreatedById, row.CreatedByName), row.ExpiresAt, row.LastUsedAt,
                    TokenActions.For(actor, row.Status, row.ExpiresAt, previousLives: row.PreviousEndsAt > status.Now, row.StartsAt is not null))
                {
                    ExternalId = row.ExternalId, Owner = row.OwnerId is { } owner ? owners.GetValueOrDefault(owner) : null,
                };
            })],
            total);
    }

    /// <summary>Finds the IDs of all tokens of a query in its order.</summary>
    internal async Task<IReadOnlyList<long>> FindIdsAsync(Actor actor, TokenQuery query, CancellationToken cancellation)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var status = records.Clock;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return (await finder.FindAsync(context, actor.AccountId, await SelectAsync(context, actor.AccountId, query, status, cancellation), status, 0, int.MaxValue, cancellation)).Ids;
    }

    /// <summary>Finds a token by its handle; null: the account has no such token, or the text isn't a handle.</summary>
    public async Task<TokenDetails?> FindAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (!ApiKey.IsHandle(handle))
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var token = await context.Tokens.AsNoTracking()
            .Include(token => token.Permissions)
            .SingleOrDefaultAsync(token => token.AccountId == actor.AccountId && token.Handle == handle, cancellation);
        if (token is null)
            return null;
        token.Secrets.AddRange(await context.NewestSecretsOf(token.Id).AsNoTracking().ToListAsync(cancellation));
        var uses = await context.ModuleUses.AsNoTracking()
            .Where(use => use.TokenId == token.Id)
            .ToDictionaryAsync(use => use.ModuleId, use => use.LastUsedAt, cancellation);
        var owners = await TokenOwnerStore.ReadAsync(context, token.OwnerId is { } ownerId ? [ownerId] : [], cancellation);
        return Describe(token, uses) with { Owner = owners.Values.SingleOrDefault() };
    }

    /// <summary>Finds the token that a call created whose response was lost; null: it created none.</summary>
    /// <param name="creationId">The ID that was passed to <see cref="TokenService.CreateAsync"/>.</param>
    public async Task<TokenDetails?> FindCreatedAsync(Actor actor, Guid creationId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        string? handle;
        await using (var context = await contexts.CreateDbContextAsync(cancellation))
            handle = await context.Tokens
                .Where(token => token.AccountId == actor.AccountId && token.CreationId == creationId)
                .Select(token => token.Handle)
                .SingleOrDefaultAsync(cancellation);
        return handle is null ? null : await FindAsync(actor, handle, cancellation);
    }

    /// <summary>Whether another token of the account that isn't deleted has this name. For validation while the user types.</summary>
    /// <param name="exceptHandle">The token that already has this name; null: none.</param>
    public async Task<bool> IsNameTakenAsync(Actor actor, string name, string? exceptHandle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var key = TokenRules.NameKey(name);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Tokens.AnyAsync(
            token => token.AccountId == actor.AccountId && token.NameKey == key && token.DeletedAt == null && token.Handle != exceptHandle,
            cancellation);
    }

    private TokenDetails Describe(Token token, Dictionary<string, DateTime> uses)
    {
        var status = records.Clock;
        var all = token.Permissions.Find(permission => permission.ModuleId == TokenPermission.AllModules);
        var limit = RateLimitChoice.Of(token);
        return new TokenDetails(records.Describe(token, token.Permissions, status))
        {
            StoredStatus = token.Status,
            AllModulesGranted = all is null ? null : TokenRecordReader.EventOf(all),
            Permissions = PermissionsOf(token, uses),
            LiveSecrets = LiveSecretsOf(token, status.Now),
            DeletedAt = token.DeletedAt,
            LastUse = token.LastUsedAt is { } at
                ? new LastUse(at, token.LastUsedAddress, token.LastUsedModuleId is { } id ? catalog.FindModule(id)?.Name ?? id : null, token.LastUsedClient)
                : null,
            RateLimit = limit,
            Limit = limit.Or(options.Value.DefaultRateLimit),
            CreatorHandle = token.CreatedByKind == CreatorKind.Token ? token.CreatedById : null,
            // IDs of users don't have the form of a handle.
            UpdaterHandle = ApiKey.IsHandle(token.UpdatedById) ? token.UpdatedById : null,
            MayOutlive = token.MayOutlive,
            Contact = token.Contact,
            PerpetualReason = token.PerpetualReason,
        };
    }

    private static List<LiveSecret> LiveSecretsOf(Token token, DateTime now) =>
        [.. token.Secrets
            .OrderByDescending(secret => secret.Id)
            .Select((secret, index) => (Stored: secret, Slot: index == 0 ? KeySlot.Newest : KeySlot.Previous))
            .Where(secret => secret.Stored.EndedAt is null && (secret.Stored.EndsAt is null || secret.Stored.EndsAt > now))
            .Select(secret => new LiveSecret(secret.Slot, secret.Stored.CreatedAt, secret.Stored.EndsAt, secret.Stored.LastUsedAt, secret.Stored.Fingerprint)
            {
                RequestsToday = secret.Stored.UsedOn == DateOnly.FromDateTime(now) ? secret.Stored.UsedCount : 0,
            })];

    /// <summary>Every module of the catalog, followed by granted modules that the catalog no longer contains.</summary>
    private List<ModulePermission> PermissionsOf(Token token, Dictionary<string, DateTime> uses)
    {
        DateTime? LastUsed(string moduleId) => uses.TryGetValue(moduleId, out var at) ? at : null;
        var granted = token.Permissions
            .Where(permission => permission.ModuleId != TokenPermission.AllModules)
            .ToDictionary(permission => permission.ModuleId);
        var offered = catalog.Modules.Select(module =>
        {
            var grant = granted.GetValueOrDefault(module.Id);
            return new ModulePermission(
                module.Id, module.Name, token.AllModules || grant is not null,
                grant is null ? null : TokenRecordReader.EventOf(grant), LastUsed(module.Id), Offered: true);
        });
        var gone = granted.Values.Where(grant => catalog.FindModule(grant.ModuleId) is null).Select(grant => new ModulePermission(
            grant.ModuleId, grant.ModuleName, Enabled: false, TokenRecordReader.EventOf(grant), LastUsed(grant.ModuleId), Offered: false));
        return [.. offered, .. gone];
    }
}
