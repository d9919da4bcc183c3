using Portal.Addresses;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Writes the waiting counts of a token into a transaction.</summary>
internal sealed class TokenStatisticsWriter(CountStore store, SeenAddressWriter addresses)
{
    private readonly Dictionary<int, ResponseCounts> _hours = [];
    private (string? Raw, string? Clean) _client;

    /// <summary>A token whose stored recent requests couldn't be read and are replaced; null if there is none.</summary>
    public long? Damaged { get; private set; }

    /// <param name="withRecent">Whether to write the recent requests too. Otherwise they wait.</param>
    public void Write(TokenCounts token, bool withRecent)
    {
        foreach (var (key, count) in token.Counts)
        {
            store.Add(new DailyCount
            {
                TokenId = key.TokenId, Day = key.Day, ModuleId = key.ModuleId, StatusCode = key.StatusCode, Reason = key.Reason, Count = count,
            });
            AddToHour(key, count);
        }

        WriteHours(token.TokenId);
        foreach (var (key, count) in token.Latencies)
            store.Add(new LatencyCount { TokenId = token.TokenId, Day = key.Day, Bucket = key.Bucket, Count = count });
        MarkUsed(token);
        addresses.Write(store, token);
        if (withRecent && token.Recent is not null)
            WriteRecent(token.TokenId, token.Recent);
    }

    private void AddToHour(in CountKey key, long count)
    {
        if (key.Hour is not { } hourOfDay || key.Reason == CountReason.RetiredKey)
            return;
        var hour = HourlyCount.HourOf(key.Day.ToDateTime(new TimeOnly(hourOfDay, 0), DateTimeKind.Utc));
        _hours[hour] = _hours.GetValueOrDefault(hour).With(key.StatusCode, count);
    }

    /// <summary>Writes one row for each hour, which is nearly always a single one.</summary>
    private void WriteHours(long tokenId)
    {
        foreach (var (hour, counts) in _hours)
            store.Add(new HourlyCount
            {
                Hour = hour, TokenId = tokenId, Success = counts.Success, Redirection = counts.Redirection, ClientError = counts.ClientError,
                ServerError = counts.ServerError,
            });
        _hours.Clear();
    }

    private void MarkUsed(TokenCounts token)
    {
        var uses = token.Uses;
        if (uses.Count == 0)
            return;
        var last = uses.MaxBy(use => use.At);
        store.MarkTokenUsed(token.TokenId, last.At, AddressNumber.Write(last.Address), last.ModuleId.Length == 0 ? null : last.ModuleId, CleanClient(last.Client));
        foreach (var secret in uses.GroupBy(use => use.SecretId))
            MarkSecretUsed(token, secret.Key, secret.Max(use => use.At));
        foreach (var module in uses.Where(use => use.ModuleId.Length > 0).GroupBy(use => use.ModuleId))
            store.MarkModuleUsed(token.TokenId, module.Key, module.Max(use => use.At));
    }

    private void MarkSecretUsed(TokenCounts token, long secretId, DateTime at)
    {
        foreach (var secret in token.Secrets)
            if (secret.SecretId == secretId)
            {
                store.MarkSecretUsed(secretId, at, secret.Day, secret.Count);
                return;
            }

        store.MarkSecretUsed(secretId, at, day: null, requests: 0);
    }

    /// <summary>Cleans the user agent. The last result is kept, because many tokens are used by the same program.</summary>
    /// <returns>Null if the client sends none.</returns>
    private string? CleanClient(string? client)
    {
        if (client != _client.Raw)
            _client = (client, RecentRequest.CleanHeader(client, RecentRequest.LongestClient) is { Length: > 0 } clean ? clean : null);
        return _client.Clean;
    }

    private void WriteRecent(long tokenId, RecentRequestBuffer ring)
    {
        var stored = RecentRequestFormat.Read(store.FindRecent(tokenId), out var damaged);
        if (damaged)
            Damaged = tokenId;
        List<RecentRequest> all = [.. ring.Read().Concat(stored).OrderByDescending(request => request.At).Take(RecentRequestBuffer.MostKept)];
        store.Replace(new RecentRequests { TokenId = tokenId, LastOn = DateOnly.FromDateTime(all[0].At), Entries = RecentRequestFormat.Write(all) });
    }
}
