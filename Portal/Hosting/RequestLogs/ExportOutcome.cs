namespace Portal.Hosting.RequestLogs;

/// <summary>Notes whether the collector took the last batch, which the exporter reports only to event listeners.</summary>
internal sealed class ExportOutcome() : DelegatingHandler(new SocketsHttpHandler())
{
    private const string GrpcStatus = "grpc-status", GrpcSuccess = "0";

    private volatile bool _isSent;

    public bool IsSent => _isSent;

    /// <summary>Call it before a batch.</summary>
    public void Begin() => _isSent = false;

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Note(base.Send(request, cancellationToken));

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Note(await base.SendAsync(request, cancellationToken));

    private HttpResponseMessage Note(HttpResponseMessage response)
    {
        // A gRPC server that refuses answers with headers only.
        _isSent = response.IsSuccessStatusCode && (!response.Headers.TryGetValues(GrpcStatus, out var status) || status.All(value => value == GrpcSuccess));
        return response;
    }
}
