using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Support;

/// <summary>Records Portal's own meters in one host, ignoring other hosts in the process.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _sums = [];
    private readonly Lock _lock = new();

    public MetricRecorder(IServiceProvider services)
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Name.StartsWith("portal.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Returns all recorded values in order, such as <c>portal.verifications accepted 3</c>. Observable instruments are read now.</summary>
    /// <param name="beginning">The beginning of the names to return.</param>
    public string[] Read(string beginning)
    {
        lock (_lock)
            foreach (var key in _sums.Keys.Where(key => key[0] == '=').ToList())
                _sums.Remove(key);
        _listener.RecordObservableInstruments();
        lock (_lock)
            return [.. _sums.Select(entry => $"{entry.Key.TrimStart('=')} {entry.Value:0.###}")
                .Where(line => line.StartsWith(beginning, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument.IsObservable ? "=" : "") + string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)]);
        lock (_lock)
            _sums[key] = _sums.GetValueOrDefault(key) + value;
    }
}
