using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Portal.Statistics.Export;

/// <summary>Keeps requests in memory until they are exported. Does nothing unless the export is on.</summary>
/// <remarks>A request never waits: if too many wait already, the next ones aren't exported, only counted.</remarks>
public sealed class RequestExport
{
    /// <summary>The maximum number of requests that wait.</summary>
    internal const int MostWaiting = 20_000;

    /// <summary>The maximum length of a path in memory. It is shortened further when it is cleaned.</summary>
    private const int LongestPath = 4 * RecentRequest.LongestPath;

    private readonly RequestExportOptions _options;
    private readonly Channel<ExportedRequest>? _waiting;
    private readonly FlushMetrics _metrics;

    public RequestExport(IOptions<RequestExportOptions> options, FlushMetrics metrics)
    {
        (_options, _metrics) = (options.Value, metrics);
        if (_options.Enabled)
            _waiting = Channel.CreateBounded<ExportedRequest>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    }

    /// <summary>Whether requests are exported. Check it first: otherwise, nothing needs to be read for <see cref="Add"/>.</summary>
    [MemberNotNullWhen(true, nameof(_waiting))]
    public bool IsOn => _waiting is not null;

    /// <summary>Takes a request, unless it isn't among the chosen ones or too many are waiting.</summary>
    public void Add(in ExportedRequest request)
    {
        if (!IsOn || (_options.Ratio < 1 && RandomNumberGenerator.GetInt32(int.MaxValue) >= _options.Ratio * int.MaxValue))
            return;
        var kept = request with
        {
            Address = _options.Addresses ? request.Address : null,
            Path = request.Path is { Length: > LongestPath } path ? path[..LongestPath] : request.Path,
        };
        if (!_waiting.Writer.TryWrite(kept))
            _metrics.NotExported();
    }

    /// <summary>Waits until there is a request to export.</summary>
    internal async ValueTask WaitAsync(CancellationToken cancellation)
    {
        if (IsOn)
            await _waiting.Reader.WaitToReadAsync(cancellation);
    }

    /// <summary>The number of requests that wait.</summary>
    internal int Waiting => _waiting?.Reader.Count ?? 0;

    /// <summary>Takes the requests that have waited the longest.</summary>
    internal List<ExportedRequest> Take(int most)
    {
        var taken = new List<ExportedRequest>();
        while (taken.Count < most && _waiting!.Reader.TryRead(out var request))
            taken.Add(request);
        return taken;
    }

    /// <summary>Counts requests whose export has ended.</summary>
    internal void Conclude(int requests, bool sent) => _metrics.Exported(requests, sent);
}
