namespace Portal.Catalog;

/// <summary>What stands behind a module, as written under <c>Catalog:Modules:n:Upstream</c>; <see cref="Upstream"/> is what
/// it means.</summary>
public sealed class UpstreamOptions
{
    /// <summary>Absolute http or https addresses, with a path in front of all paths if need be.</summary>
    public List<string> Destinations { get; init => field = value ?? []; } = [];

    public PathPrefixRule PathPrefix { get; init; }
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>How long a connection may take to be made.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may come or go before a request counts as failed.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Null: <see cref="Catalog.LoadBalancing.PowerOfTwoChoices"/> when there are several destinations.</summary>
    public LoadBalancing? LoadBalancing { get; init; }

    public HealthCheckOptions? HealthChecks { get; init; }

    /// <summary>Whether the upstream is sent a signed statement of who called.</summary>
    public bool Assertion { get; init; }

    /// <summary>Who signs, as the statement names it: tells several Portals apart.</summary>
    public string AssertionIssuer { get; init => field = value ?? ""; } = "portal";

    public sealed class HealthCheckOptions
    {
        public ActiveOptions? Active { get; init; }
        public PassiveOptions? Passive { get; init; }
    }

    /// <summary>Portal asks every destination now and then.</summary>
    public sealed class ActiveOptions
    {
        /// <summary>Answers 2xx when all is well. Below the destination's address.</summary>
        public string Path { get; init => field = value ?? ""; } = "";

        public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
        public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

        /// <summary>So many in a row take the destination out; one success takes it in again.</summary>
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

/// <summary>What an upstream gets of a request's path. The base path of the API is never sent.</summary>
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
