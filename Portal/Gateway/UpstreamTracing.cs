namespace Portal.Gateway;

/// <summary>Whether requests to upstreams belong to traces that Portal writes.</summary>
internal sealed class UpstreamTracing
{
    /// <summary>False: upstreams get the trace headers that the client sent. True: those of Portal's own step.</summary>
    public bool Enabled { get; set; }
}
