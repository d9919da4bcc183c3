using System.Net;
using Portal.Addresses;

namespace Portal.Statistics;

/// <summary>The latest requests of a token that wait to be written. When it is full, a new one replaces the oldest.</summary>
internal sealed class RecentRequestBuffer
{
    /// <summary>The number of requests that are kept for a token.</summary>
    public const int MostKept = 100;

    /// <summary>The maximum length of a path before it is cleaned and shortened.</summary>
    private const int MostHeld = 4 * RecentRequest.LongestPath;

    private Entry[] _entries = new Entry[1];
    private int _next, _count;

    public int Count => _count;

    /// <summary>The approximate size in memory.</summary>
    public int Bytes { get; private set; }

    /// <returns>The increase of <see cref="Bytes"/>.</returns>
    public int Add(in Entry entry)
    {
        if (_count == _entries.Length && _count < MostKept)
            Grow();
        // Otherwise a very long path would be kept in memory until it is written.
        var added = entry.Path is { Length: > MostHeld } path ? entry with { Path = path[..MostHeld] } : entry;
        var bytes = added.Bytes - (_count == _entries.Length ? _entries[_next].Bytes : 0);
        _entries[_next] = added;
        _next = (_next + 1) % _entries.Length;
        _count = Math.Min(_count + 1, _entries.Length);
        Bytes += bytes;
        return bytes;
    }

    /// <summary>Adds the requests of another ring.</summary>
    /// <inheritdoc cref="Add(in Entry)"/>
    public int Add(RecentRequestBuffer other)
    {
        var bytes = 0;
        foreach (var entry in other.Take())
            bytes += Add(entry);
        return bytes;
    }

    /// <summary>Returns all requests in the order in which they were added.</summary>
    public IEnumerable<Entry> Take()
    {
        var first = (_next - _count + _entries.Length) % _entries.Length;
        for (var i = 0; i < _count; i++)
            yield return _entries[(first + i) % _entries.Length];
    }

    /// <summary>Returns the requests cleaned for storage, newest first.</summary>
    public IEnumerable<RecentRequest> Read()
    {
        // Most requests of a token come from the same program.
        (string? Raw, string? Clean) client = default;
        foreach (var entry in Take().OrderByDescending(entry => entry.At))
        {
            if (entry.Client != client.Raw)
                client = (entry.Client, RecentRequest.CleanHeader(entry.Client, RecentRequest.LongestClient) is { Length: > 0 } clean ? clean : null);
            yield return new RecentRequest(
                entry.At, RecentRequest.Clean(entry.Method, RecentRequest.LongestMethod), RecentRequest.Clean(entry.Path, RecentRequest.LongestPath),
                entry.StatusCode, entry.Duration, AddressNumber.Write(entry.Address))
            {
                Reason = entry.Reason, ModuleId = entry.ModuleId, Client = client.Clean, SecretId = entry.SecretId, RequestId = entry.RequestId,
            };
        }
    }

    private void Grow()
    {
        // The array is full, so the oldest entry is where the next one goes.
        Entry[] grown = [.. Take(), .. new Entry[Math.Min(_count * 4, MostKept) - _count]];
        (_entries, _next) = (grown, _count);
    }

    /// <param name="Duration">Null if unknown.</param>
    internal readonly record struct Entry(DateTime At, string Method, string? Path, int StatusCode, TimeSpan? Duration, IPAddress? Address)
    {
        private readonly string? _reason, _moduleId;

        /// <summary>The code of Portal's refusal; empty if there is none.</summary>
        public string Reason
        {
            get => _reason ?? "";
            init => _reason = value;
        }

        /// <summary>Empty if no module owns the path.</summary>
        public string ModuleId
        {
            get => _moduleId ?? "";
            init => _moduleId = value;
        }

        /// <summary>Null if the client sends none.</summary>
        public string? Client { get; init; }

        public long SecretId { get; init; }

        /// <summary>Null if the client gets none.</summary>
        public string? RequestId { get; init; }

        /// <summary>The approximate size in memory.</summary>
        public int Bytes => 200 + (2 * ((Path?.Length ?? 0) + (Client?.Length ?? 0) + (RequestId?.Length ?? 0)));
    }
}
