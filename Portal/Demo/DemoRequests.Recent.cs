using System.Globalization;
using Portal.Authentication;
using Portal.Data;
using Portal.Statistics;

namespace Portal.Demo;

internal sealed partial class DemoRequests
{
    /// <summary>Distributes the requests of yesterday and today over the hours: more by day than by night.</summary>
    private void AddHours(PortalDbContext context, Token token, Dictionary<CountKey, long> counts)
    {
        var hours = new Dictionary<int, ResponseCounts>();
        foreach (var (key, count) in counts.Where(entry => entry.Key.Day >= _today.AddDays(-1) && entry.Key.Reason != CountReason.RetiredKey))
        {
            var (first, end) = (HourlyCount.HourOf(key.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)), key.Day == _today ? now.TimeOfDay.TotalHours : 24);
            var whole = Activity(end);
            for (var (hour, before) = (0, 0L); hour < end; hour++)
            {
                var until = (long)Math.Round(count * Activity(Math.Min(hour + 1, end)) / whole);
                hours[first + hour] = hours.GetValueOrDefault(first + hour).With(key.StatusCode, until - before);
                before = until;
            }
        }

        context.HourlyCounts.AddRange(hours.Where(hour => hour.Value.Total > 0).Select(hour => new HourlyCount
        {
            Hour = hour.Key, TokenId = token.Id, Success = hour.Value.Success, Redirection = hour.Value.Redirection, ClientError = hour.Value.ClientError,
            ServerError = hour.Value.ServerError,
        }));
    }

    /// <summary>The requests of a day until an hour, in any unit.</summary>
    private static double Activity(double hour) => hour - (0.7 * 12 / Math.PI * Math.Sin(hour * Math.PI / 12));

    /// <summary>Adds the last requests before the time when the token was last used.</summary>
    private void AddRecent(PortalDbContext context, Token token, Dictionary<CountKey, long> counts)
    {
        var used = counts.Where(entry => entry.Value > 0 && entry.Key.Reason != CountReason.RetiredKey).OrderByDescending(entry => entry.Key.Day).Take(8).ToList();
        if (used.Count == 0 || token.LastUsedAt is not { } at)
            return;
        var retired = counts.Keys.Where(key => key.Reason == CountReason.RetiredKey).ToList();
        token.LastUsedClient = token.Id % 3 == 0 ? "python-requests/2.32.3" : "axios/1.7.9";
        var requests = new List<RecentRequest>();
        for (var i = 0; i < 40; i++)
        {
            // Some program still has the key that was replaced.
            var isRetired = retired.Count > 0 && i % 8 == 5;
            var key = isRetired ? retired[0] : used[(int)(Noise() * used.Count)].Key;
            var path = catalog.FindModule(key.ModuleId)?.Paths[0] ?? "/nothing-here";
            requests.Add(new RecentRequest(
                at, Noise() < 0.85 ? "GET" : "POST", $"{ApiKeyMiddleware.BasePath}{path}", key.StatusCode, TimeSpan.FromMilliseconds(3 + 30 * Noise() * Noise()), token.LastUsedAddress)
            {
                Reason = key.Reason, ModuleId = key.ModuleId, Client = isRetired ? "collector/1.4 (Linux)" : token.LastUsedClient,
                SecretId = isRetired ? token.Secrets.Min(secret => secret.Id) : SecretAt(token, at, Noise()),
                RequestId = key.Reason.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"0HNR4T2J8K{token.Id % 100:00}F:{40 - i:X8}") : null,
            });
            at = at.AddSeconds(-1 - 240 * Noise());
        }

        context.RecentRequests.Add(new RecentRequests
        {
            TokenId = token.Id, LastOn = DateOnly.FromDateTime(requests[0].At), Entries = RecentRequestFormat.Write(requests),
        });
    }

    /// <summary>The newest key that existed then; while there are two, programs change over step by step.</summary>
    private static long SecretAt(Token token, DateTime at, double noise)
    {
        var secrets = token.Secrets.Where(secret => secret.CreatedAt <= at).OrderByDescending(secret => secret.Id).ToList();
        return secrets is [_, var previous, ..] && (previous.EndsAt is null || previous.EndsAt > at) && noise < 0.3 ? previous.Id
            : secrets.Count > 0 ? secrets[0].Id : 0;
    }
}
