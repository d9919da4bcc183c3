using System.Globalization;
using System.Net;
using Portal.Catalog;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Portal.Gateway;

/// <summary>Converts upstreams to the proxy's model: a route and a cluster for each module, both named by its ID.</summary>
internal static class ProxyTerms
{
    public static RouteConfig Route(string moduleId) => new()
    {
        // Never matched: the gateway's own endpoints call it.
        RouteId = moduleId, ClusterId = moduleId, Match = new RouteMatch { Path = "/{**any}" },
    };

    public static ClusterConfig Cluster(string moduleId, Upstream upstream) => new()
    {
        ClusterId = moduleId,
        LoadBalancingPolicy = (upstream.LoadBalancing ?? LoadBalancing.PowerOfTwoChoices).ToString(),
        Destinations = upstream.Destinations
            .Select((address, place) => (address, Name: place.ToString("D4", CultureInfo.InvariantCulture)))
            .ToDictionary(entry => entry.Name, entry => new DestinationConfig { Address = entry.address }),
        HttpRequest = Request(upstream),
        HealthCheck = new HealthCheckConfig
        {
            Active = Active(upstream.ActiveCheck), Passive = Passive(upstream.PassiveCheck),
            // If no destination is healthy, none is used: an immediate, clear error is better than a guess.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
        },
        Metadata = new Dictionary<string, string>
        {
            [UpstreamClients.ConnectTimeout] = upstream.ConnectTimeout.Ticks.ToString(CultureInfo.InvariantCulture),
            [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] =
                (upstream.ActiveCheck?.Failures ?? 1).ToString(CultureInfo.InvariantCulture),
            [TransportFailureRateHealthPolicyOptions.FailureRateLimitMetadataName] =
                (upstream.PassiveCheck?.FailureRate ?? 1).ToString(CultureInfo.InvariantCulture),
        },
    };

    public static ForwarderRequestConfig Request(Upstream upstream) => new()
    {
        ActivityTimeout = upstream.ActivityTimeout,
        Version = upstream.Protocol == UpstreamProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
        VersionPolicy = upstream.Protocol == UpstreamProtocol.Http2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
    };

    private static ActiveHealthCheckConfig? Active(ActiveHealthCheck? check) => check is null ? null : new()
    {
        Enabled = true, Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
        Path = check.Path, Interval = check.Interval, Timeout = check.Timeout,
    };

    private static PassiveHealthCheckConfig? Passive(PassiveHealthCheck? check) => check is null ? null : new()
    {
        Enabled = true, Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate, ReactivationPeriod = check.ReactivateAfter,
    };
}
