using System.Diagnostics.Metrics;

namespace Portal.Authentication;

/// <summary>The meter <see cref="MeterName"/>: outcomes of verifications, and how often the key was found in memory.</summary>
/// <remarks>Without listeners, recording only checks a flag; it never allocates. No tag contains a token, an address or a path: each would create a
/// series.</remarks>
public sealed class VerificationMetrics
{
    public const string MeterName = "Portal.Authentication";

    private const string ResultTag = "portal.cache.result";

    private readonly Meter _meter;
    private readonly Counter<long> _verifications, _lookups;

    public VerificationMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _verifications = _meter.CreateCounter<long>("portal.verifications", "{request}", "API requests that were checked, by outcome.");
        _lookups = _meter.CreateCounter<long>("portal.credential_cache.lookups", "{lookup}", "Lookups of well-formed keys, by result.");
    }

    internal void Judged(in AccessDecision decision)
    {
        if (_verifications.Enabled)
            _verifications.Add(1, new KeyValuePair<string, object?>(VerificationOutcome.Tag, VerificationOutcome.Of(decision)));
    }

    /// <param name="known">Whether the answer was in memory.</param>
    /// <param name="credential">If null while <paramref name="known"/> is true, no token has the handle.</param>
    internal void LookedUp(bool known, Credential? credential)
    {
        if (_lookups.Enabled)
            _lookups.Add(1, new KeyValuePair<string, object?>(ResultTag, !known ? "miss" : credential is null ? "unknown" : "hit"));
    }

    internal void Observe(Func<long> cached) =>
        _meter.CreateObservableUpDownCounter("portal.credential_cache.entries", cached, "{credential}", "Credentials kept in memory.");
}
