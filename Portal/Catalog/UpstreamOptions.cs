namespace Portal.Catalog;

/// <summary>The upstream of a module in the configuration, <c>Catalog:Modules:n:Upstream</c>. <see cref="Upstream"/> is
/// the parsed form.</summary>
public sealed class UpstreamOptions
{
    /// <summary>Absolute http or https addresses. A path in an address is prepended to all paths.</summary>
    public List<string> Destinations { get; init => field = value ?? []; } = [];

    public PathPrefixRule PathPrefix { get; init; }
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>The time limit for establishing a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time without traffic after which a request fails.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Null: <see cref="Catalog.LoadBalancing.PowerOfTwoChoices"/> when there are several destinations.</summary>
    public LoadBalancing? LoadBalancing { get; init; }

    public HealthCheckOptions? HealthChecks { get; init; }

    /// <summary>Whether Portal sends the upstream a signed assertion of the caller.</summary>
    public bool Assertion { get; init; }

    /// <summary>The issuer of the assertion, to distinguish several instances of Portal.</summary>
    public string AssertionIssuer { get; init => field = value ?? ""; } = "portal";

    public sealed class HealthCheckOptions
    {
        public ActiveOptions? Active { get; init; }
        public PassiveOptions? Passive { get; init; }
    }

    /// <summary>Active health checks: Portal sends requests to every destination at an interval.</summary>
    public sealed class ActiveOptions
    {
        /// <summary>The path of the health check, relative to the address of the destination. Status 2xx means healthy.</summary>
        public string Path { get; init => field = value ?? ""; } = "";

        public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
        public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

        /// <summary>The number of consecutive failures that remove a destination. One success adds it again.</summary>
        public int Failures { get; init; } = 2;
    }

    /// <summary>Passive health checks: Portal observes the requests of the last ten seconds, if there are at least ten.</summary>
    public sealed class PassiveOptions
    {
        /// <summary>The share of failed requests that removes a destination, from 0.01 to 1.</summary>
        public double FailureRate { get; init; } = 0.3;

        /// <summary>The time after which a removed destination is tried again; at least ten seconds.</summary>
        public TimeSpan ReactivateAfter { get; init; } = TimeSpan.FromSeconds(30);
    }
}

/// <summary>The part of a request's path that is sent to an upstream. The base path of the API is never sent.</summary>
public enum PathPrefixRule
{
    /// <summary><c>/public/v1/agreements/AGR-1</c> becomes <c>/agreements/AGR-1</c>.</summary>
    Kept,

    /// <summary><c>/public/v1/agreements/AGR-1</c> becomes <c>/AGR-1</c>.</summary>
    Stripped,
}

/// <summary>The HTTP version of connections to an upstream.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/2 if TLS negotiates it; otherwise HTTP/1.1.</summary>
    Auto,

    /// <summary>Always HTTP/1.1.</summary>
    Http1,

    /// <summary>Always HTTP/2, even without TLS. gRPC requires it.</summary>
    Http2,
}

/// <summary>Selects the destination of a request.</summary>
public enum LoadBalancing
{
    /// <summary>The less busy of two random destinations.</summary>
    PowerOfTwoChoices,

    RoundRobin,
    LeastRequests,
    Random,

    /// <summary>The first available destination in the list. Destinations are named by their position, so the order is that of the list.</summary>
    FirstAlphabetical,
}
