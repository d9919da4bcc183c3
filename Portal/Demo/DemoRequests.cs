using System.Globalization;
using System.Net;
using Portal.Addresses;
using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Wire;

namespace Portal.Demo;

/// <summary>Generates thirty days of synthetic requests. They are the same whenever a demonstration is started on the same day.</summary>
internal sealed partial class DemoRequests(ModuleCatalog catalog, DateTime now)
{
    /// <summary>The shares of the traffic for each of a token's modules. With fewer modules, the first ones get all of it.</summary>
    private static readonly double[] Shares = [0.55, 0.25, 0.15, 0.05];

    private static readonly (double Milliseconds, double Share)[] LatencyShares = [(4, 0.3), (7, 0.35), (12, 0.2), (25, 0.11), (90, 0.03), (400, 0.01)];

    private readonly DateOnly _today = DateOnly.FromDateTime(now);
    private uint _noise = 2463534242;

    /// <summary>Adds the counts, and marks the token, its key and its modules as used.</summary>
    public void AddTo(PortalDbContext context, Token token, DemoTraffic traffic)
    {
        var counts = new Dictionary<CountKey, long>();
        for (var daysAgo = StatisticsReader.Days - 1; daysAgo >= traffic.Until; daysAgo--)
            AddDay(counts, token, traffic, daysAgo);
        context.DailyCounts.AddRange(counts.Where(entry => entry.Value > 0).Select(entry => new DailyCount
        {
            TokenId = entry.Key.TokenId, Day = entry.Key.Day, ModuleId = entry.Key.ModuleId, StatusCode = entry.Key.StatusCode,
            Reason = entry.Key.Reason, Count = entry.Value,
        }));
        AddHours(context, token, counts);
        AddLatencies(context, token, counts);
        MarkUsed(context, token, counts, traffic);
        AddRecent(context, token, counts);
    }

    /// <summary>Adds durations: some milliseconds for most requests, and much longer for a few.</summary>
    private void AddLatencies(PortalDbContext context, Token token, Dictionary<CountKey, long> counts)
    {
        foreach (var day in counts.Where(entry => entry.Key.Reason != CountReason.RetiredKey).GroupBy(entry => entry.Key.Day))
        {
            var total = day.Sum(entry => entry.Value);
            context.LatencyCounts.AddRange(LatencyShares
                .Select(share => (Bucket: LatencyBuckets.Of(TimeSpan.FromMilliseconds(share.Milliseconds * (0.8 + 0.4 * Noise()))), Count: (long)Math.Round(total * share.Share)))
                .GroupBy(entry => entry.Bucket)
                .Select(bucket => new LatencyCount { TokenId = token.Id, Day = day.Key, Bucket = bucket.Key, Count = bucket.Sum(entry => entry.Count) })
                .Where(count => count.Count > 0));
        }
    }

    private void AddDay(Dictionary<CountKey, long> counts, Token token, DemoTraffic traffic, int daysAgo)
    {
        var day = _today.AddDays(-daysAgo);
        if (day <= DateOnly.FromDateTime(token.CreatedAt))
            return;
        var part = (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? traffic.Weekend : 1) * PartOfDay(daysAgo);
        var requests = traffic.PerDay * part * (0.85 + 0.3 * Noise());
        if (EndOf(token) is { } end && day > DateOnly.FromDateTime(end))
        {
            // Programs continue for a while with a token that was disabled, until someone notices.
            var tries = requests / Math.Pow(2.2, day.DayNumber - DateOnly.FromDateTime(end).DayNumber);
            Add(counts, token, day, ModulesOf(token)[0].Id, StatusCodes.Status401Unauthorized, ErrorCodes.TokenNotUsable, tries);
            return;
        }

        foreach (var (module, share) in ModulesOf(token).Zip(Shares))
            AddResponses(counts, token, day, module.Id, traffic, requests * share);
        foreach (var refusal in traffic.Refusals.Where(refusal => daysAgo <= refusal.From && daysAgo >= refusal.To))
            Add(counts, token, day, ModuleOf(refusal, token), refusal.StatusCode, refusal.Reason, refusal.PerDay * part * (0.7 + 0.6 * Noise()));
    }

    private void AddResponses(Dictionary<CountKey, long> counts, Token token, DateOnly day, string moduleId, DemoTraffic traffic, double requests)
    {
        void Part(int statusCode, double share) =>
            Add(counts, token, day, moduleId, statusCode, "", requests * share * (0.8 + 0.4 * Noise()));

        Part(StatusCodes.Status200OK, 0.95);
        Part(StatusCodes.Status304NotModified, traffic.Redirections);
        Part(day.DayNumber % 5 == 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound, traffic.ClientErrors);
        Part(StatusCodes.Status502BadGateway, traffic.ServerErrors);
    }

    private static void Add(Dictionary<CountKey, long> counts, Token token, DateOnly day, string moduleId, int statusCode, string reason, double count)
    {
        var key = new CountKey(token.Id, day, moduleId, statusCode, reason);
        counts[key] = counts.GetValueOrDefault(key) + (long)Math.Round(count);
    }

    private void MarkUsed(PortalDbContext context, Token token, Dictionary<CountKey, long> counts, DemoTraffic traffic)
    {
        var used = counts.Where(entry => entry.Value > 0 && entry.Key.Reason != CountReason.RetiredKey).Select(entry => entry.Key).ToList();
        var key = token.Secrets.MaxBy(secret => secret.Id)!;
        if (used.Count == 0)
        {
            token.LastUsedAt = key.LastUsedAt = now.AddDays(-traffic.Until);
            return;
        }

        var uses = used.GroupBy(use => use.ModuleId)
            .Select((module, index) => (Id: module.Key, At: MomentOn(module.Max(use => use.Day), token.Id + index * 5)))
            .ToList();
        context.ModuleUses.AddRange(uses.Where(use => use.Id.Length > 0).Select(use => new ModuleUse { TokenId = token.Id, ModuleId = use.Id, LastUsedAt = use.At }));
        var last = uses.MaxBy(use => use.At);
        (token.LastUsedAt, token.LastUsedModuleId) = (last.At, last.Id.Length == 0 ? null : last.Id);
        token.LastUsedAddress = string.Create(CultureInfo.InvariantCulture, $"203.0.113.{10 + token.Id * 7}");
        context.SeenAddresses.Add(new SeenAddress
        {
            TokenId = token.Id, Address = AddressNumber.Of(IPAddress.Parse(token.LastUsedAddress)), LastSeenOn = DateOnly.FromDateTime(last.At),
        });
        key.LastUsedAt = token.LastUsedAt;
        (key.UsedOn, key.UsedCount) = (DateOnly.FromDateTime(last.At), counts.Where(count => count.Key.Day == DateOnly.FromDateTime(last.At) && count.Key.Reason != CountReason.RetiredKey).Sum(count => count.Value));
        if (token.PreviousEndsAt is not null && token.Secrets.OrderByDescending(secret => secret.Id).ElementAt(1) is { } previous)
            MarkUsed(previous, key, token.LastUsedAt.Value);
    }

    /// <summary>A program that still uses the previous key makes a fifth of the requests.</summary>
    private void MarkUsed(TokenSecret previous, TokenSecret newest, DateTime lastUsedAt)
    {
        if (previous.EndsAt < now)
        {
            previous.LastUsedAt = previous.EndsAt;
            return;
        }

        previous.LastUsedAt = lastUsedAt;
        (previous.UsedOn, previous.UsedCount) = (newest.UsedOn, newest.UsedCount / 5);
        newest.UsedCount -= previous.UsedCount;
    }

    /// <summary>Returns a time some minutes ago for today, or in the afternoon of another day.</summary>
    private DateTime MomentOn(DateOnly day, long spread)
    {
        var moment = day == _today ? now.AddMinutes(-2 - spread % 23) : day.ToDateTime(new TimeOnly(15, (int)(spread * 11 % 60)), DateTimeKind.Utc);
        return DateOnly.FromDateTime(moment) == day ? moment : now;
    }

    /// <summary>The time when its keys stopped being accepted; null if they still are.</summary>
    private DateTime? EndOf(Token token) => token.Status switch
    {
        StoredStatus.Deleted => token.DeletedAt,
        StoredStatus.Inactive => token.UpdatedAt,
        _ => token.ExpiresAt < now ? token.ExpiresAt : null,
    };

    private double PartOfDay(int daysAgo) => daysAgo == 0 ? now.TimeOfDay.TotalDays : 1;

    private List<Module> ModulesOf(Token token) =>
        token.AllModules ? [.. catalog.Modules] : [.. token.Permissions.Select(permission => catalog.FindModule(permission.ModuleId)!)];

    /// <summary>The module of a refused request: one that the token may not use, none, or its first one.</summary>
    private string ModuleOf(DemoRefusal refusal, Token token) => refusal.Reason switch
    {
        ErrorCodes.ModuleNotEnabled => catalog.Modules.FirstOrDefault(module => !ModulesOf(token).Contains(module))?.Id ?? "",
        ErrorCodes.NotFound => "",
        _ => ModulesOf(token)[0].Id,
    };

    /// <summary>Returns a number from 0 to 1, in the same sequence at every start (xorshift). Only for display data.</summary>
    private double Noise()
    {
        _noise ^= _noise << 13;
        _noise ^= _noise >> 17;
        _noise ^= _noise << 5;
        return _noise / (double)uint.MaxValue;
    }
}
