using Portal.Authentication;

namespace Portal.Gateway;

/// <summary>A request on its way to an upstream: what the <see cref="UpstreamTransformer"/> must know of it.</summary>
/// <param name="path">What goes to the upstream.</param>
/// <param name="prefix">The public path of the upstream's root, below where Portal is hosted.</param>
/// <param name="assertion">Null: none is sent.</param>
/// <param name="roots">Of all destinations of the upstream.</param>
internal sealed class UpstreamCall(ApiCaller caller, UpstreamPath path, string prefix, string? assertion, IReadOnlyList<UpstreamRoot> roots)
{
    private UpstreamRoot? _root;

    public ApiCaller Caller => caller;
    public string? Assertion => assertion;

    /// <summary>See <see cref="UpstreamMetrics.Now"/>.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>The root of the destination that the request was sent to.</summary>
    public UpstreamRoot Root => _root ?? roots[0];

    /// <summary>Whether nothing but the upstream's root is asked for.</summary>
    public bool IsForRoot => path.IsRoot;

    /// <returns>Null: it would lie outside of the module, and must not be sent.</returns>
    public Uri? AddressAt(string destination)
    {
        if (roots.Count > 1)
            _root = roots.FirstOrDefault(root => root.Destination == destination);
        return path.At(destination);
    }

    /// <summary>Null: the address is not at any of the destinations.</summary>
    public UpstreamRoot? RootAt(Uri address)
    {
        var atHost = roots.Where(root => root.IsAt(address)).ToList();
        return atHost.Find(root => UpstreamRoot.IsBelow(address.AbsolutePath, root.Path)) ?? atHost.FirstOrDefault();
    }

    /// <summary>The same call, as if sent to another destination.</summary>
    public UpstreamCall At(UpstreamRoot root) => new(caller, path, prefix, assertion, roots) { _root = root };

    /// <param name="pathBase">Where Portal is hosted.</param>
    public string PublicPrefix(PathString pathBase) => Below(pathBase, prefix);

    /// <summary>The public path of all modules.</summary>
    public static string PublicRoot(PathString pathBase) => Below(pathBase, ApiKeyMiddleware.BasePath);

    private static string Below(PathString pathBase, string path) => pathBase.HasValue ? pathBase.ToUriComponent() + path : path;
}
