using Portal.Authentication;

namespace Portal.Gateway.ForwardAuth;

/// <summary>The section <c>Gateway:ForwardAuth</c> of the configuration: which proxies may ask, and about which paths.</summary>
/// <remarks>A <c>null</c> in the file counts as nothing written.</remarks>
public sealed class ForwardAuthOptions
{
    public const string SectionName = "Gateway:ForwardAuth";

    /// <summary>Addresses, ranges and networks that connections of asking proxies come from. None: nobody may ask.</summary>
    public List<string> Askers { get; init => field = value ?? []; } = [];

    /// <summary>The path before the modules' paths at the proxy, such as <c>/public/v1</c>; empty if there is none.</summary>
    public string BasePath { get; init => field = value ?? ""; } = ApiKeyMiddleware.BasePath;
}
