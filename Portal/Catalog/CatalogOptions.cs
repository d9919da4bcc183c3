namespace Portal.Catalog;

/// <summary>The section <c>Catalog</c> of the configuration, as written; <see cref="ModuleCatalog"/> is what it means.</summary>
/// <remarks>A <c>null</c> in the file counts as nothing written, so that the validator can say what is missing.</remarks>
public sealed class CatalogOptions
{
    public const string SectionName = "Catalog";

    public List<ModuleOptions> Modules { get; init => field = value ?? []; } = [];

    /// <summary>Paths that any valid token may use, whatever its permissions.</summary>
    public List<string> AlwaysAllowed { get; init => field = value ?? []; } = [];

    public List<ExtensionOptions> Extensions { get; init => field = value ?? []; } = [];

    public sealed class ModuleOptions
    {
        public string Id { get; init => field = value ?? ""; } = "";
        public string Name { get; init => field = value ?? ""; } = "";

        /// <summary>Path prefixes below the base path, <c>/billing</c>.</summary>
        public List<string> Paths { get; init => field = value ?? []; } = [];

        /// <summary>What stands behind the module; null: nothing.</summary>
        public UpstreamOptions? Upstream { get; init; }
    }

    public sealed class ExtensionOptions
    {
        public string Id { get; init => field = value ?? ""; } = "";

        /// <summary>Lower case, without white space: what the wire shows.</summary>
        public string Name { get; init => field = value ?? ""; } = "";
        public string Title { get; init => field = value ?? ""; } = "";
        public string Description { get; init => field = value ?? ""; } = "";
        public PermissionRule Permissions { get; init; }

        /// <summary>The fixed set, with <see cref="PermissionRule.Fixed"/> only.</summary>
        public List<string> Modules { get; init => field = value ?? []; } = [];
    }
}

/// <summary>How a token of an extension comes to its permissions.</summary>
public enum PermissionRule
{
    /// <summary>Whoever creates the token picks them.</summary>
    Ask,

    /// <summary>All modules, also later ones.</summary>
    All,

    /// <summary>The modules that the extension names.</summary>
    Fixed,
}
