using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Catalog;

/// <summary>Validates an upstream. Each error names the invalid key.</summary>
internal static partial class UpstreamValidator
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest allowed duration. It also rejects a bare <c>15</c>, which is parsed as fifteen days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(23);

    /// <param name="key"><c>Catalog:Modules:3:Upstream</c>.</param>
    public static void Check(UpstreamOptions upstream, string key, List<string> faults)
    {
        CheckDestinations(upstream.Destinations, key, faults);
        CheckChoice(upstream.PathPrefix, $"{key}:PathPrefix", faults);
        CheckChoice(upstream.Protocol, $"{key}:Protocol", faults);
        if (upstream.LoadBalancing is { } policy)
            CheckChoice(policy, $"{key}:LoadBalancing", faults);
        CheckTime(upstream.ConnectTimeout, $"{key}:ConnectTimeout", faults);
        CheckTime(upstream.ActivityTimeout, $"{key}:ActivityTimeout", faults);
        if (upstream.AssertionIssuer.Trim().Length is 0 or > 200)
            faults.Add($"{key}:AssertionIssuer must have 1 to 200 characters.");
        CheckHealthChecks(upstream.HealthChecks, $"{key}:HealthChecks", faults);
    }

    private static void CheckDestinations(List<string> destinations, string key, List<string> faults)
    {
        if (destinations.Count == 0)
            faults.Add($"{key}:Destinations is empty: list at least one address, such as http://agreements.internal:8080.");
        for (var i = 0; i < destinations.Count; i++)
        {
            // The invalid value may contain a password, which must not appear in a log. The key is enough to find it.
            if (!IsAddress(destinations[i]))
                faults.Add($"{key}:Destinations:{i} must be an absolute http or https address without user, query and fragment.");
            else if (destinations.FindIndex(other => IsAddress(other) && new Uri(other) == new Uri(destinations[i])) is var first && first < i)
                faults.Add($"{key}:Destinations:{i} is a duplicate of {key}:Destinations:{first}.");
        }
    }

    private static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) &&
        (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) &&
        address.Host.Length > 0 && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    private static void CheckHealthChecks(UpstreamOptions.HealthCheckOptions? checks, string key, List<string> faults)
    {
        if (checks?.Active is { } active)
        {
            if (!HealthPath().IsMatch(active.Path))
                faults.Add($"{key}:Active:Path \"{active.Path}\" must be a path like /health.");
            CheckTime(active.Interval, $"{key}:Active:Interval", faults);
            CheckTime(active.Timeout, $"{key}:Active:Timeout", faults);
            if (active.Failures is < 1 or > 100)
                faults.Add($"{key}:Active:Failures must be 1 to 100.");
        }

        if (checks?.Passive is not { } passive)
            return;
        if (passive.FailureRate is not (>= 0.01 and <= 1))
            faults.Add($"{key}:Passive:FailureRate must be 0.01 to 1.");
        CheckTime(passive.ReactivateAfter, $"{key}:Passive:ReactivateAfter", faults, PassiveHealthCheck.Window);
    }

    private static void CheckChoice<T>(T value, string key, List<string> faults)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            faults.Add($"{key} must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    private static void CheckTime(TimeSpan time, string key, List<string> faults, TimeSpan? shortest = null)
    {
        if (time < (shortest ?? Shortest) || time > Longest)
            faults.Add($"{key} must be from {(shortest ?? Shortest).ToString("g", CultureInfo.InvariantCulture)} to 23:00:00, written like 00:00:15 for fifteen seconds.");
    }

    [GeneratedRegex(@"^(/[A-Za-z0-9._~-]*)+\z")]
    private static partial Regex HealthPath();
}
