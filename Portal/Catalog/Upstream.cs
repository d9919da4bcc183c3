namespace Portal.Catalog;

/// <summary>The upstream of a module. Immutable: a change of the configuration creates a new instance.</summary>
/// <param name="Destinations">Absolute addresses without a slash at the end, in the order of the configuration.</param>
/// <param name="LoadBalancing">Null: not configured.</param>
/// <param name="AssertionIssuer">Null: no assertion is sent.</param>
public sealed record Upstream(
    IReadOnlyList<string> Destinations, PathPrefixRule PathPrefix, UpstreamProtocol Protocol, TimeSpan ConnectTimeout, TimeSpan ActivityTimeout,
    LoadBalancing? LoadBalancing, ActiveHealthCheck? ActiveCheck, PassiveHealthCheck? PassiveCheck, string? AssertionIssuer)
{
    /// <summary>Whether there is one destination without health checks.</summary>
    public bool IsPlain => Destinations.Count == 1 && LoadBalancing is null && ActiveCheck is null && PassiveCheck is null;

    /// <summary>Compares by value. The destinations are compared separately, because lists compare by reference.</summary>
    public bool IsSameAs(Upstream? other) =>
        other is not null && Destinations.SequenceEqual(other.Destinations) && this == other with { Destinations = Destinations };

    /// <param name="options">The validated options.</param>
    internal static Upstream From(UpstreamOptions options) => new(
        [.. options.Destinations.Select(address => new Uri(address).AbsoluteUri.TrimEnd('/'))],
        options.PathPrefix, options.Protocol, options.ConnectTimeout, options.ActivityTimeout, options.LoadBalancing,
        options.HealthChecks?.Active is { } active ? new(active.Path, active.Interval, active.Timeout, active.Failures) : null,
        options.HealthChecks?.Passive is { } passive ? new(passive.FailureRate, passive.ReactivateAfter) : null,
        options.Assertion ? options.AssertionIssuer : null);
}

/// <inheritdoc cref="UpstreamOptions.ActiveOptions"/>
public sealed record ActiveHealthCheck(string Path, TimeSpan Interval, TimeSpan Timeout, int Failures);

/// <inheritdoc cref="UpstreamOptions.PassiveOptions"/>
public sealed record PassiveHealthCheck(double FailureRate, TimeSpan ReactivateAfter)
{
    /// <summary>The period over which requests count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
}
