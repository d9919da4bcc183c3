using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Portal.Data.Copying;

/// <summary>The number of rows of a table that were copied.</summary>
internal sealed record CopiedTable(string Name, long Rows);

/// <summary>A copied database doesn't have the same content as its source.</summary>
internal sealed class CopyDiffersException(string what)
    : Exception($"The copy of {what} differs from the original. Check that nothing else writes to either database.");

/// <summary>Copies all rows and keys from one database to another one, of any kind, and compares them.</summary>
/// <remarks>Nothing may use either database meanwhile. The target has the mark of <see cref="UnfinishedCopy"/> until everything is compared. Works with the entities of the model, so that each database stores the values in its own way.</remarks>
internal sealed class DataCopy(CopySide source, CopySide target, IProgress<CopiedTable>? progress = null)
{
    private const int RowsAtOnce = 1000;

    private static readonly MethodInfo CopyRows = Method(nameof(CopyRowsAsync)), CompareRows = Method(nameof(CompareRowsAsync));

    /// <summary>Copies and compares everything. If this fails, the target keeps its mark and can't be used.</summary>
    /// <exception cref="CopyDiffersException">Something wasn't copied exactly.</exception>
    public async Task<IReadOnlyList<CopiedTable>> RunAsync(CancellationToken cancellation)
    {
        await target.Schema.BeginAsync(cancellation);
        List<CopiedTable> tables = [];
        foreach (var entity in await TablesAsync())
        {
            tables.Add(new CopiedTable(entity.GetTableName()!, await InvokeAsync(CopyRows, entity, cancellation)));
            progress?.Report(tables[^1]);
        }

        await target.Schema.EndAsync(cancellation);
        foreach (var key in source.Keys.Read("", ""))
            target.Keys.Write(key.Name, key.Content);
        foreach (var entity in await TablesAsync())
            await InvokeAsync(CompareRows, entity, cancellation);
        CompareKeys();
        await target.Schema.CompleteAsync(cancellation);
        return tables;
    }

    /// <summary>All tables, each after those that it refers to.</summary>
    private async Task<IReadOnlyList<IEntityType>> TablesAsync()
    {
        await using var context = source.Open();
        var waiting = context.Model.GetEntityTypes().Where(entity => !entity.IsOwned()).OrderBy(entity => entity.Name, StringComparer.Ordinal).ToList();
        var sorted = new List<IEntityType>();
        while (waiting.Count > 0)
        {
            var next = waiting.First(entity => entity.GetForeignKeys().All(key => key.PrincipalEntityType == entity || sorted.Contains(key.PrincipalEntityType)));
            waiting.Remove(next);
            sorted.Add(next);
        }

        return sorted;
    }

    private async Task<long> CopyRowsAsync<T>(IEntityType entity, CancellationToken cancellation)
        where T : class
    {
        await using var from = source.Open();
        var count = 0L;
        await foreach (var rows in RowsOf<T>(from, entity).Chunk(RowsAtOnce).WithCancellation(cancellation))
        {
            await using var to = target.Open();
            to.ChangeTracker.AutoDetectChangesEnabled = false;
            to.Set<T>().AddRange(rows);
            await to.SaveChangesAsync(cancellation);
            count += rows.Length;
        }

        return count;
    }

    private async Task<long> CompareRowsAsync<T>(IEntityType entity, CancellationToken cancellation)
        where T : class
    {
        await using var from = source.Open();
        await using var to = target.Open();
        var count = 0L;
        await using var copies = RowsOf<T>(to, entity).GetAsyncEnumerator(cancellation);
        await foreach (var row in RowsOf<T>(from, entity).WithCancellation(cancellation))
        {
            if (!await copies.MoveNextAsync() || !RowComparison.AreEqual(from, row, to, copies.Current))
                throw new CopyDiffersException($"the table {entity.GetTableName()}");
            count++;
        }

        return await copies.MoveNextAsync() ? throw new CopyDiffersException($"the table {entity.GetTableName()}") : count;
    }

    private void CompareKeys()
    {
        var copies = target.Keys.Read("", "").ToDictionary(key => key.Name, key => key.Content, StringComparer.Ordinal);
        if (source.Keys.Read("", "").Any(key => !copies.TryGetValue(key.Name, out var copy) || !copy.AsSpan().SequenceEqual(key.Content)))
            throw new CopyDiffersException("the keys");
    }

    /// <summary>The rows in the order of their keys, which is the same in every database.</summary>
    private static IAsyncEnumerable<T> RowsOf<T>(PortalDbContext context, IEntityType entity)
        where T : class
    {
        IOrderedQueryable<T>? ordered = null;
        foreach (var property in entity.FindPrimaryKey()!.Properties)
            ordered = ordered is null
                ? context.Set<T>().AsNoTracking().OrderBy(row => EF.Property<object>(row, property.Name))
                : ordered.ThenBy(row => EF.Property<object>(row, property.Name));
        return ordered!.AsAsyncEnumerable();
    }

    private Task<long> InvokeAsync(MethodInfo method, IEntityType entity, CancellationToken cancellation) =>
        (Task<long>)method.MakeGenericMethod(entity.ClrType).Invoke(this, [entity, cancellation])!;

    private static MethodInfo Method(string name) => typeof(DataCopy).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Instance)!;
}
