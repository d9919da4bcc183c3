using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>A part of the API that a token may or may not use.</summary>
/// <param name="Index">Its position in the catalog, from 0. This is its bit in a permission set.</param>
/// <param name="Paths">The path prefixes it owns, below the base path.</param>
public sealed record Module(string Id, string Name, int Index, IReadOnlyList<string> Paths);

/// <summary>The purpose of a token, which can determine its permissions.</summary>
/// <param name="Name">The name in the API, for example <c>custom</c>.</param>
/// <param name="Title">The name on pages, for example <c>Custom</c>.</param>
/// <param name="Modules">The fixed set of modules, with <see cref="PermissionRule.Fixed"/> only.</param>
public sealed record Extension(string Id, string Name, string Title, string Description, PermissionRule Permissions, IReadOnlyList<Module> Modules);

/// <summary>The modules and extensions. They are fixed while the process runs.</summary>
/// <remarks>IDs are case-sensitive, as in the database.</remarks>
public sealed class ModuleCatalog
{
    private readonly FrozenDictionary<string, Module> _modules;
    private readonly FrozenDictionary<string, Extension> _extensions;

    public ModuleCatalog(IOptions<CatalogOptions> options)
    {
        var catalog = options.Value;
        Modules = [.. catalog.Modules.Select((module, index) => new Module(module.Id, module.Name.Trim(), index, [.. module.Paths]))];
        _modules = Modules.ToFrozenDictionary(module => module.Id);
        Extensions = [.. catalog.Extensions.Select(extension => new Extension(
            extension.Id, extension.Name, extension.Title.Trim(), extension.Description, extension.Permissions,
            [.. extension.Modules.Select(id => _modules[id])]))];
        _extensions = Extensions.ToFrozenDictionary(extension => extension.Id);
        AlwaysAllowed = [.. catalog.AlwaysAllowed];
    }

    /// <summary>The modules, in the order of the configuration.</summary>
    public IReadOnlyList<Module> Modules { get; }

    /// <summary>The extensions, in the order of the configuration.</summary>
    public IReadOnlyList<Extension> Extensions { get; }

    /// <summary>Path prefixes that any valid token may use.</summary>
    public IReadOnlyList<string> AlwaysAllowed { get; }

    /// <summary>Finds a module; null: the catalog doesn't contain it.</summary>
    public Module? FindModule(string id) => _modules.GetValueOrDefault(id);

    /// <summary>Finds an extension; null: the catalog doesn't contain it.</summary>
    public Extension? FindExtension(string id) => _extensions.GetValueOrDefault(id);
}
