using Portal.Addresses;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Writes what waits for one token into a transaction.</summary>
internal sealed class TokenStatisticsWriter(CountStore store, SeenAddressLog addresses)
{
    /// <summary>A token whose stored last requests could not be read, and are replaced; null: none.</summary>
    public long? Damaged { get; private set; }

    /// <param name="withRecent">Whether to write the last requests too; else they wait for another time.</param>
    public void Write(TokenCounts token, bool withRecent)
    {
        foreach (var (key, count) in token.Counts)
            store.Add(new DailyCount
            {
                TokenId = key.TokenId, Day = key.Day, ModuleId = key.ModuleId, StatusCode = key.StatusCode, Reason = key.Reason, Count = count,
            });
        foreach (var (key, count) in token.Latencies)
            store.Add(new LatencyCount { TokenId = token.TokenId, Day = key.Day, Bucket = key.Bucket, Count = count });
        if (token.Uses.Count > 0)
            MarkUsed(token);
        addresses.Write(store, token);
        if (withRecent && token.Recent is not null)
            WriteRecent(token.TokenId, token.Recent);
    }

    private void MarkUsed(TokenCounts token)
    {
        var last = token.Uses.Values.MaxBy(use => use.At);
        var client = RecentRequest.Clean(last.Client, RecentRequest.LongestClient);
        store.MarkTokenUsed(
            token.TokenId, last.At, AddressNumber.Write(last.Address), last.ModuleId.Length == 0 ? null : last.ModuleId, client.Length == 0 ? null : client);
        foreach (var secret in token.Uses.GroupBy(entry => entry.Key.SecretId))
            store.MarkSecretUsed(secret.Key, secret.Max(entry => entry.Value.At));
        foreach (var module in token.Uses.Where(entry => entry.Key.ModuleId.Length > 0).GroupBy(entry => entry.Key.ModuleId))
            store.MarkModuleUsed(token.TokenId, module.Key, module.Max(entry => entry.Value.At));
    }

    private void WriteRecent(long tokenId, RecentRing ring)
    {
        var stored = RecentFormat.Read(store.FindRecent(tokenId), out var damaged);
        if (damaged)
            Damaged = tokenId;
        List<RecentRequest> all = [.. ring.Read().Concat(stored).OrderByDescending(request => request.At).Take(RecentRing.MostKept)];
        store.Replace(new RecentRequests { TokenId = tokenId, LastOn = DateOnly.FromDateTime(all[0].At), Entries = RecentFormat.Write(all) });
    }
}
