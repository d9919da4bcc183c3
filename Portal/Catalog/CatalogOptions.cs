namespace Portal.Catalog;

/// <summary>The section <c>Catalog</c> of the configuration. <see cref="ModuleCatalog"/> is the parsed form.</summary>
/// <remarks>A <c>null</c> in the file is the same as a missing value, so that the validator can report it.</remarks>
public sealed class CatalogOptions
{
    public const string SectionName = "Catalog";

    public List<ModuleOptions> Modules { get; init => field = value ?? []; } = [];

    /// <summary>Paths that any valid token may use, regardless of its permissions.</summary>
    public List<string> AlwaysAllowed { get; init => field = value ?? []; } = [];

    public List<ExtensionOptions> Extensions { get; init => field = value ?? []; } = [];

    public sealed class ModuleOptions
    {
        public string Id { get; init => field = value ?? ""; } = "";
        public string Name { get; init => field = value ?? ""; } = "";

        /// <summary>Path prefixes below the base path, <c>/billing</c>.</summary>
        public List<string> Paths { get; init => field = value ?? []; } = [];

        /// <summary>The upstream of the module; null: none.</summary>
        public UpstreamOptions? Upstream { get; init; }
    }

    public sealed class ExtensionOptions
    {
        public string Id { get; init => field = value ?? ""; } = "";

        /// <summary>The name in the API: lower case, without white space.</summary>
        public string Name { get; init => field = value ?? ""; } = "";
        public string Title { get; init => field = value ?? ""; } = "";
        public string Description { get; init => field = value ?? ""; } = "";
        public PermissionRule Permissions { get; init; }

        /// <summary>The fixed set, with <see cref="PermissionRule.Fixed"/> only.</summary>
        public List<string> Modules { get; init => field = value ?? []; } = [];
    }
}

/// <summary>How a token of an extension gets its permissions.</summary>
public enum PermissionRule
{
    /// <summary>The user or program that creates the token selects them.</summary>
    Ask,

    /// <summary>All modules, including those that are added later.</summary>
    All,

    /// <summary>The modules that the extension lists.</summary>
    Fixed,
}
