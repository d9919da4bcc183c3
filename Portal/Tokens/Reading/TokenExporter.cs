using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>A token in an export. It contains no key.</summary>
/// <param name="Modules">The IDs of the granted modules of the catalog; with all modules, every module.</param>
/// <param name="Fingerprints">Of the keys that work, newest first.</param>
public sealed record ExportedToken(
    string Handle, string Name, string? ExternalId, string? Description, TokenStatus Status, string ExtensionId, string Extension, bool AllModules,
    IReadOnlyList<string> Modules, DateTime CreatedAt, string CreatedBy, DateTime? ExpiresAt, DateTime? PreviousKeyEndsAt, DateTime? LastUsedAt,
    IReadOnlyList<string> Fingerprints)
{
    /// <summary>The name of the user or team; null: none.</summary>
    public string? Owner { get; init; }

    public string? Contact { get; init; }
}

/// <summary>The tokens of an export.</summary>
/// <param name="Total">The number of tokens that were found. Those that are removed meanwhile are missing.</param>
/// <param name="Tokens">Reads them a few at a time.</param>
public sealed record TokenExport(int Total, IAsyncEnumerable<ExportedToken> Tokens);

/// <summary>Reads all tokens that a query finds, for any role. Each export is recorded in the audit log.</summary>
/// <remarks>The IDs are found first, which takes eight bytes for each token. The rest is read a few tokens at a time, so that an export of a million
/// tokens needs no more memory, and holds no transaction for as long as its reader takes.</remarks>
public sealed class TokenExporter(
    IDbContextFactory<PortalDbContext> contexts, TokenReader reader, TokenRecordReader records, AuditLog audit, AccessControl access)
{
    internal const int TokensAtOnce = 500;

    /// <param name="query">Its page is ignored.</param>
    /// <param name="format">For the audit log, such as <c>csv</c>.</param>
    /// <exception cref="AccessDeniedException">The actor may not see tokens.</exception>
    public async Task<TokenExport> OpenAsync(Actor actor, TokenQuery query, string format, CancellationToken cancellation = default)
    {
        var ids = await reader.FindIdsAsync(actor, query, cancellation);
        await RecordAsync(actor, new Dictionary<string, object?>
        {
            ["format"] = format, ["count"] = ids.Count, ["search"] = query.Search.Length > 0 ? query.Search : null, ["filtered"] = query.IsFiltered,
        }, cancellation);
        return new TokenExport(ids.Count, ReadAsync(actor, ids, CancellationToken.None));
    }

    /// <summary>Opens selected tokens, newest first. Handles that the account doesn't have are left out.</summary>
    /// <inheritdoc cref="OpenAsync(Actor, TokenQuery, string, CancellationToken)"/>
    public async Task<TokenExport> OpenAsync(Actor actor, IReadOnlyCollection<string> handles, string format, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var wanted = handles.ToArray();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // The account is compared afterwards: with it in the condition, SQLite reads all tokens of the account.
        var found = await context.Tokens.Where(token => EF.Parameter(wanted).Contains(token.Handle)).Select(token => new { token.Id, token.AccountId }).ToListAsync(cancellation);
        long[] ids = [.. found.Where(token => token.AccountId == actor.AccountId).Select(token => token.Id).OrderDescending()];
        await RecordAsync(actor, new Dictionary<string, object?> { ["format"] = format, ["count"] = ids.Length, ["selected"] = true }, cancellation);
        return new TokenExport(ids.Length, ReadAsync(actor, ids, CancellationToken.None));
    }

    private async Task RecordAsync(Actor actor, Dictionary<string, object?> details, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var account = await context.Accounts.Where(account => account.Id == actor.AccountId).Select(account => account.Name).SingleAsync(cancellation);
        audit.Add(context, actor, AuditAction.TokensExported, actor.AccountId, account, details);
        await context.SaveChangesAsync(cancellation);
    }

    private async IAsyncEnumerable<ExportedToken> ReadAsync(Actor actor, IReadOnlyList<long> ids, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var from = 0; from < ids.Count; from += TokensAtOnce)
        {
            // An export can take minutes. It ends with the session.
            await access.RequireAsync(actor, Role.Viewer, cancellation);
            foreach (var token in await ReadPartAsync([.. ids.Skip(from).Take(TokensAtOnce)], cancellation))
                yield return token;
        }
    }

    private async Task<List<ExportedToken>> ReadPartAsync(long[] ids, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var clock = records.Clock;
        var tokens = await context.Tokens.AsNoTracking().Where(token => EF.Parameter(ids).Contains(token.Id)).ToDictionaryAsync(token => token.Id, cancellation);
        var permissions = (await context.TokenPermissions.AsNoTracking().Where(permission => EF.Parameter(ids).Contains(permission.TokenId)).ToListAsync(cancellation))
            .ToLookup(permission => permission.TokenId);
        var fingerprints = (await context.TokenSecrets.AsNoTracking()
            .Where(secret => EF.Parameter(ids).Contains(secret.TokenId) && secret.Fingerprint != null && secret.EndedAt == null)
            .OrderByDescending(secret => secret.Id)
            .Select(secret => new { secret.TokenId, secret.Fingerprint, secret.EndsAt })
            .ToListAsync(cancellation))
            .Where(secret => secret.EndsAt is null || secret.EndsAt > clock.Now)
            .ToLookup(secret => secret.TokenId, secret => secret.Fingerprint!);
        var owners = await TokenOwnerStore.ReadAsync(context, [.. tokens.Values.Select(token => token.OwnerId).OfType<int>()], cancellation);
        return
        [
            .. ids.Where(tokens.ContainsKey).Select(id => tokens[id]).Select(token => Describe(token, records.Describe(token, permissions[token.Id], clock), [.. fingerprints[token.Id]]) with
            {
                Owner = token.OwnerId is { } owner ? owners.GetValueOrDefault(owner)?.Name : null, Contact = token.Contact,
            }),
        ];
    }

    private static ExportedToken Describe(Token token, TokenRecord record, string[] fingerprints) => new(
        record.Handle, record.Name, record.ExternalId, record.Description, record.Status, record.Extension.Id,
        record.Extension.Extension?.Title ?? record.Extension.Name, record.AllModules, [.. record.Grants.Select(grant => grant.ModuleId)],
        record.Created.At, record.Created.ByName, record.ExpiresAt, record.PreviousEndsAt, token.LastUsedAt, fingerprints);
}
