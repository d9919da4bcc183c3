using Microsoft.EntityFrameworkCore;
using Portal.Data.KeyRing;

namespace Portal.Data;

/// <summary>Reads and replaces encrypted values, a few rows at a time. A value that has changed in the meantime stays.</summary>
internal static class EncryptedValueStore
{
    /// <summary>Rows per transaction, which keeps the database locked for a few milliseconds only.</summary>
    public const int RowsAtOnce = 200;

    /// <summary>Finds the next encrypted copies of secrets, in the order of their IDs.</summary>
    public static Task<List<EncryptedRow>> FindSecretsAsync(PortalDbContext context, long after, CancellationToken cancellation) => (
        from secret in context.TokenSecrets
        where secret.Id > after && secret.Protected != null
        orderby secret.Id
        select new EncryptedRow(secret.Id, context.Tokens.Where(token => token.Id == secret.TokenId).Select(token => token.Handle).First(), secret.Protected!))
        .Take(RowsAtOnce).ToListAsync(cancellation);

    /// <summary>Reads the keys of all authenticator apps. There are few.</summary>
    public static Task<List<EncryptedRow>> FindSecondFactorsAsync(PortalDbContext context, CancellationToken cancellation) => context.UserSecondFactors
        .OrderBy(factor => factor.UserId)
        .Select(factor => new EncryptedRow(0, factor.UserId, factor.ProtectedKey))
        .ToListAsync(cancellation);

    /// <summary>Reads the ID tokens of all sessions. There are few.</summary>
    public static Task<List<EncryptedRow>> FindIdTokensAsync(PortalDbContext context, CancellationToken cancellation) => context.UserSessions
        .Where(session => session.ProtectedIdToken != null)
        .OrderBy(session => session.Id)
        .Select(session => new EncryptedRow(0, session.Id, session.ProtectedIdToken!))
        .ToListAsync(cancellation);

    /// <summary>Reads the current and former secrets of all webhook endpoints. There are few.</summary>
    public static async Task<List<EncryptedRow>> FindWebhookSecretsAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var secrets = await context.WebhookEndpoints.OrderBy(endpoint => endpoint.Id)
            .Select(endpoint => new { endpoint.Id, endpoint.Secret, endpoint.PreviousSecret }).ToListAsync(cancellation);
        return [.. secrets.SelectMany(endpoint => new[] { endpoint.Secret, endpoint.PreviousSecret }.OfType<byte[]>().Select(value => new EncryptedRow(endpoint.Id, "", value)))];
    }

    /// <summary>Replaces copies of secrets in one transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    public static async Task ReplaceSecretsAsync(PortalDbContext context, IReadOnlyList<(EncryptedRow Row, byte[] Value)> changed, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (row, value) in changed)
            await context.TokenSecrets.Where(secret => secret.Id == row.Id && secret.Protected == row.Value)
                .ExecuteUpdateAsync(set => set.SetProperty(secret => secret.Protected, value), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Replaces keys of authenticator apps in one transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    public static async Task ReplaceSecondFactorsAsync(PortalDbContext context, IReadOnlyList<(EncryptedRow Row, byte[] Value)> changed, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (row, value) in changed)
            await context.UserSecondFactors.Where(factor => factor.UserId == row.Owner && factor.ProtectedKey == row.Value)
                .ExecuteUpdateAsync(set => set.SetProperty(factor => factor.ProtectedKey, value), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Replaces ID tokens of sessions in one transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    public static async Task ReplaceIdTokensAsync(PortalDbContext context, IReadOnlyList<(EncryptedRow Row, byte[] Value)> changed, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (row, value) in changed)
            await context.UserSessions.Where(session => session.Id == row.Owner && session.ProtectedIdToken == row.Value)
                .ExecuteUpdateAsync(set => set.SetProperty(session => session.ProtectedIdToken, value), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Replaces secrets of webhook endpoints in one transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    public static async Task ReplaceWebhookSecretsAsync(PortalDbContext context, IReadOnlyList<(EncryptedRow Row, byte[] Value)> changed, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (row, value) in changed)
        {
            await context.WebhookEndpoints.Where(endpoint => endpoint.Id == row.Id && endpoint.Secret == row.Value)
                .ExecuteUpdateAsync(set => set.SetProperty(endpoint => endpoint.Secret, value), cancellation);
            await context.WebhookEndpoints.Where(endpoint => endpoint.Id == row.Id && endpoint.PreviousSecret == row.Value)
                .ExecuteUpdateAsync(set => set.SetProperty(endpoint => endpoint.PreviousSecret, value), cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}
