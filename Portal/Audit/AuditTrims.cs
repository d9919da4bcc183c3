using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Compares the removals at the end of the retention with the entries of the audit log that record them.</summary>
/// <remarks>The chain of hashes accepts that entries are missing before the last removal. The table of removals has no hashes of its own, so someone with
/// write access could add a row to it and remove entries. The entry that records a removal is part of the chain, written in the same transaction.</remarks>
public static class AuditTrims
{
    /// <summary>The number of attempts to read both while nothing is removed.</summary>
    private const int MostReads = 5;

    /// <summary>Finds removals that aren't recorded in the log, or that differ from what it records.</summary>
    /// <returns>The IDs of the last entries that they removed.</returns>
    public static async Task<IReadOnlyList<long>> FindWrongAsync(PortalDbContext context, CancellationToken cancellation = default)
    {
        for (var read = 1; ; read++)
        {
            var trims = await ReadTrimsAsync(context, cancellation);
            var records = await ReadRecordsAsync(context, cancellation);
            var first = await context.AuditEntries.OrderBy(entry => entry.Id).Select(entry => (long?)entry.Id).FirstOrDefaultAsync(cancellation);
            if (read == MostReads || trims.SequenceEqual(await ReadTrimsAsync(context, cancellation)))
                return Compare(trims, records, first ?? long.MaxValue);
        }
    }

    private static IReadOnlyList<long> Compare(List<Trim> trims, Dictionary<long, long> records, long first)
    {
        var wrong = new SortedSet<long>(records.Keys.Except(trims.Select(trim => trim.LastEntryId)));
        var mustBeRecorded = false;
        for (var i = 0; i < trims.Count; i++)
        {
            var trim = trims[i];
            // The log is removed from its beginning, so the records of the last removals remain. That of the last one always does.
            mustBeRecorded |= records.ContainsKey(trim.LastEntryId) || i == trims.Count - 1;
            if ((mustBeRecorded && records.GetValueOrDefault(trim.LastEntryId, -1) != trim.Entries) || (i > 0 && trim.LastEntryId <= trims[i - 1].LastEntryId) || trim.LastEntryId >= first)
                wrong.Add(trim.LastEntryId);
        }

        return [.. wrong];
    }

    private static Task<List<Trim>> ReadTrimsAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.AuditTrims.AsNoTracking().OrderBy(trim => trim.Id).Select(trim => new Trim(trim.LastEntryId, trim.Entries)).ToListAsync(cancellation);

    /// <summary>Reads the number of removed entries that the log records, by the ID of the last one. Each account has an entry of its own.</summary>
    private static async Task<Dictionary<long, long>> ReadRecordsAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var records = new Dictionary<long, long>();
        var accounts = await context.Accounts.Select(account => account.Id).ToListAsync(cancellation);
        await foreach (var details in context.AuditEntries.AsNoTracking()
            .Where(entry => accounts.Contains(entry.AccountId) && entry.Action == AuditAction.AuditTrimmed).Select(entry => entry.Details).AsAsyncEnumerable().WithCancellation(cancellation))
            if (AuditDetails.ParseValues(details) is { ValueKind: JsonValueKind.Object } values && Number(values, "last_entry") is { } last && Number(values, "count") is { } count)
                records[last] = records.GetValueOrDefault(last) + count;
        return records;
    }

    private static long? Number(JsonElement values, string name) =>
        values.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private sealed record Trim(long LastEntryId, int Entries);
}
