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

    /// <summary>Portal watches what becomes of requests: of those of the last ten seconds, if they are ten at least.</summary>
    public sealed class PassiveOptions
    {
        /// <summary>This share of failed ones takes the destination out, 0.01 to 1.</summary>
        public double FailureRate { get; init; } = 0.3;

        /// <summary>After this time the destination is tried again; ten seconds at least.</summary>
        public TimeSpan ReactivateAfter { get; init; } = TimeSpan.FromSeconds(30);
    }
}

/// <summary>The part of a request's path that an upstream gets. The base path of the API is never sent.</summary>
public enum PathPrefixRule
{
    /// <summary><c>/public/v1/agreements/AGR-1</c> is <c>/agreements/AGR-1</c>.</summary>
    Kept,

    /// <summary><c>/public/v1/agreements/AGR-1</c> is <c>/AGR-1</c>.</summary>
    Stripped,
}

/// <summary>The HTTP version towards an upstream.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/2 where TLS offers it, else HTTP/1.1.</summary>
    Auto,

    /// <summary>HTTP/1.1 always.</summary>
    Http1,

    /// <summary>HTTP/2 always, without TLS too: what gRPC needs.</summary>
    Http2,
}

/// <summary>Which of several destinations gets a request.</summary>
public enum LoadBalancing
{
    /// <summary>The less busy one of two picked at random.</summary>
    PowerOfTwoChoices,

    RoundRobin,
    LeastRequests,
    Random,

    /// <summary>The first one listed; the next ones stand by. Destinations are named by their place in the list.</summary>
    FirstAlphabetical,
}
