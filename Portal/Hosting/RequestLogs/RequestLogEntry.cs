using System.Collections;
using System.Globalization;
using Portal.Addresses;
using Portal.Statistics;
using Portal.Statistics.Export;

namespace Portal.Hosting.RequestLogs;

/// <summary>A request as a log record, with OpenTelemetry's names of attributes where they exist.</summary>
internal sealed class RequestLogEntry(in ExportedRequest request) : IReadOnlyList<KeyValuePair<string, object?>>, ITimedRecord
{
    private readonly List<KeyValuePair<string, object?>> _attributes = AttributesOf(request);

    /// <summary>The time when the request began, in UTC.</summary>
    public DateTime At { get; } = request.At;

    public int Count => _attributes.Count;

    public KeyValuePair<string, object?> this[int index] => _attributes[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _attributes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The method, the path and the status code.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_attributes[1].Value} {_attributes[2].Value} {_attributes[3].Value}");

    private static List<KeyValuePair<string, object?>> AttributesOf(in ExportedRequest request)
    {
        List<KeyValuePair<string, object?>> attributes =
        [
            new("portal.token.handle", request.Handle),
            new("http.request.method", RecentRequest.Clean(request.Method, RecentRequest.LongestMethod)),
            new("url.path", RecentRequest.Clean(request.Path, RecentRequest.LongestPath)),
            new("http.response.status_code", request.StatusCode),
        ];
        if (request.ModuleId.Length > 0)
            attributes.Add(new("portal.module.id", request.ModuleId));
        if (request.Reason.Length > 0)
            attributes.Add(new("portal.reason", request.Reason));
        if (request.Duration is { } duration)
            attributes.Add(new("portal.duration", duration.TotalSeconds));
        if (request.RequestId is { } id)
            attributes.Add(new("portal.request.id", id));
        if (AddressNumber.Write(request.Address) is { } address)
            attributes.Add(new("client.address", address));
        return attributes;
    }
}
