namespace Portal.Catalog;

/// <summary>The section <c>Catalog</c> of the configuration, as written; <see cref="ModuleCatalog"/> is what it means.</summary>
public sealed class CatalogOptions
{
    public const string SectionName = "Catalog";

    public List<ModuleOptions> Modules { get; init; } = [];

    /// <summary>Paths that any valid token may use, whatever its permissions.</summary>
    public List<string> AlwaysAllowed { get; init; } = [];

    public List<ExtensionOptions> Extensions { get; init; } = [];

    public sealed class ModuleOptions
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";

        /// <summary>Path prefixes below the base path, <c>/billing</c>.</summary>
        public List<string> Paths { get; init; } = [];
    }

    public sealed class ExtensionOptions
    {
        public string Id { get; init; } = "";

        /// <summary>Lower case, without white space: what the wire shows.</summary>
        public string Name { get; init; } = "";
        public string Title { get; init; } = "";
        public string Description { get; init; } = "";
        public PermissionRule Permissions { get; init; }

        /// <summary>The fixed set, with <see cref="PermissionRule.Fixed"/> only.</summary>
        public List<string> Modules { get; init; } = [];
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
