using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Portal.Data;

/// <summary>A token with its name and the stored key by which lists sort it.</summary>
public sealed record NamedToken(long Id, string Name, byte[]? SortKey);

/// <summary>Replaces the sort keys of names, a few rows at a time.</summary>
public static class NameSortKeyStore
{
    /// <summary>Returns the version of all stored keys; null: some are missing.</summary>
    public static Task<string?> FindVersionAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Installations.Select(installation => installation.NameCollation).SingleOrDefaultAsync(cancellation);

    /// <summary>Finds the next tokens of all accounts, in the order of their IDs.</summary>
    /// <param name="after">The ID of the last token that was read.</param>
    public static Task<List<NamedToken>> ReadAsync(PortalDbContext context, long after, int most, CancellationToken cancellation) =>
        context.Tokens.Where(token => token.Id > after).OrderBy(token => token.Id).Take(most)
            .Select(token => new NamedToken(token.Id, token.Name, token.NameSortKey)).ToListAsync(cancellation);

    /// <summary>Stores keys in one transaction, unless a token has been renamed since it was read. Call it only within a write of the
    /// <see cref="WriteQueue"/>.</summary>
    public static async Task SetAsync(PortalDbContext context, IEnumerable<NamedToken> tokens, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = transaction.GetDbTransaction();
        command.CommandText = """UPDATE "Tokens" SET "NameSortKey" = @key WHERE "Id" = @id AND "Name" = @name""";
        var parameters = ((string[])["@key", "@id", "@name"]).Select(name =>
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
            return parameter;
        }).ToArray();
        foreach (var token in tokens)
        {
            (parameters[0].Value, parameters[1].Value, parameters[2].Value) = (token.SortKey, token.Id, token.Name);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Stores the version of all keys, and makes lists read their order again. Call it only within a write of the
    /// <see cref="WriteQueue"/>.</summary>
    public static async Task FinishAsync(PortalDbContext context, string version, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await InstallationStore.KeepNameCollationAsync(context, version, cancellation);
        await context.TokenTotals.ExecuteUpdateAsync(set => set.SetProperty(totals => totals.Version, totals => totals.Version + 1), cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
