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

    /// <summary>Counts a decision, except about a key that <see cref="RefusedKeys"/> counts.</summary>
    internal void Judged(in AccessDecision decision)
    {
        if (_verifications.Enabled && decision.Refused.IsNone)
            Judged(VerificationOutcome.Of(decision));
    }

    /// <param name="outcome">See <see cref="VerificationOutcome"/>.</param>
    internal void Judged(string outcome) => _verifications.Add(1, new KeyValuePair<string, object?>(VerificationOutcome.Tag, outcome));

    internal void LookedUp(CacheLookup result)
    {
        if (_lookups.Enabled)
            _lookups.Add(1, new KeyValuePair<string, object?>(ResultTag, result switch
            {
                CacheLookup.Hit => "hit",
                CacheLookup.Miss => "miss",
                _ => "unknown",
            }));
    }

    internal void Observe(Func<long> cached) =>
        _meter.CreateObservableUpDownCounter("portal.credential_cache.entries", cached, "{credential}", "Credentials kept in memory.");
}

/// <summary>The result of a lookup in <see cref="CredentialCache"/>.</summary>
internal enum CacheLookup
{
    /// <summary>The credential was in memory.</summary>
    Hit,

    /// <summary>It was read from the database.</summary>
    Miss,

    /// <summary>The secret isn't among the <see cref="KnownSecrets"/>, so no lookup was needed.</summary>
    Unknown,
}
