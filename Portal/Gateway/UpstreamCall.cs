using Portal.Authentication;

namespace Portal.Gateway;

/// <summary>A request on its way to an upstream, with the data that the <see cref="UpstreamTransformer"/> needs.</summary>
/// <param name="path">The part of the path that the upstream gets.</param>
/// <param name="prefix">The public path of the upstream's root, without Portal's path base.</param>
/// <param name="assertion">Null if none is sent.</param>
/// <param name="roots">The roots of all destinations of the upstream.</param>
internal sealed class UpstreamCall(ApiCaller caller, UpstreamPath path, string prefix, string? assertion, IReadOnlyList<UpstreamRoot> roots)
{
    private UpstreamRoot? _root;

    public ApiCaller Caller => caller;
    public string? Assertion => assertion;

    /// <summary>See <see cref="UpstreamMetrics.Now"/>.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>The root of the destination that the request was sent to.</summary>
    public UpstreamRoot Root => _root ?? roots[0];

    /// <summary>Whether the request is for the upstream's root itself.</summary>
    public bool IsForRoot => path.IsRoot;

    /// <returns>Null if the address would lie outside the module; the request must not be sent.</returns>
    public Uri? AddressAt(string destination)
    {
        if (roots.Count > 1)
            _root = roots.FirstOrDefault(root => root.Destination == destination);
        return path.At(destination);
    }

    /// <summary>The root that contains the address; null if it isn't at any of the destinations.</summary>
    public UpstreamRoot? RootAt(Uri address)
    {
        var atHost = roots.Where(root => root.IsAt(address)).ToList();
        return atHost.Find(root => UpstreamRoot.IsBelow(address.AbsolutePath, root.Path)) ?? atHost.FirstOrDefault();
    }

    /// <summary>Returns the same call, as sent to another destination.</summary>
    public UpstreamCall At(UpstreamRoot root) => new(caller, path, prefix, assertion, roots) { _root = root };

    /// <param name="pathBase">Portal's path base.</param>
    public string PublicPrefix(PathString pathBase) => Below(pathBase, prefix);

    /// <summary>The public path of all modules.</summary>
    public static string PublicRoot(PathString pathBase) => Below(pathBase, ApiKeyMiddleware.BasePath);

    private static string Below(PathString pathBase, string path) => pathBase.HasValue ? pathBase.ToUriComponent() + path : path;
}
