namespace Portal.Gateway;

/// <summary>Whether requests to upstreams belong to traces that Portal writes.</summary>
internal sealed class UpstreamTracing
{
    /// <summary>If false, upstreams get the client's trace headers. If true, they get those of Portal's own span.</summary>
    public bool Enabled { get; set; }
}
