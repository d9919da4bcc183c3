using Portal.Catalog;

namespace Portal.Tokens.Create;

/// <summary>The selected modules of a token.</summary>
public sealed class ModuleSelection
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>All modules, including those that are added later. Clearing it restores the individual selection.</summary>
    public bool AllModules { get; set; }

    public IReadOnlyCollection<string> Ids => _ids;

    /// <summary>The number of modules of the catalog that the token would get.</summary>
    public int CountIn(ModuleCatalog catalog) => AllModules ? catalog.Modules.Count : catalog.Modules.Count(module => _ids.Contains(module.Id));

    public bool Contains(string moduleId) => AllModules || _ids.Contains(moduleId);

    public void Set(string moduleId, bool picked)
    {
        if (picked)
            _ids.Add(moduleId);
        else
            _ids.Remove(moduleId);
    }

    /// <summary>Replaces the selection.</summary>
    public void Replace(ModuleChoice choice)
    {
        AllModules = choice.AllModules;
        _ids.Clear();
        _ids.UnionWith(choice.ModuleIds);
    }

    public ModuleChoice ToChoice() => AllModules ? ModuleChoice.All : new ModuleChoice(false, [.. _ids.Order(StringComparer.Ordinal)]);

    public static ModuleSelection Of(ModuleChoice choice)
    {
        var selection = new ModuleSelection { AllModules = choice.AllModules };
        selection._ids.UnionWith(choice.ModuleIds);
        return selection;
    }
}
