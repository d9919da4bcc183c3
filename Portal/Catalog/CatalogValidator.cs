using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Portal.Catalog;

/// <summary>Validates the catalog at startup. Each error names the invalid key.</summary>
public sealed partial class CatalogValidator : IValidateOptions<CatalogOptions>
{
    /// <summary>The modules of a token are kept in memory as the bits of one number.</summary>
    private const int MostModules = 128;

    public ValidateOptionsResult Validate(string? name, CatalogOptions options)
    {
        var faults = new List<string>();
        CheckModules(options, faults);
        CheckPaths(options, faults);
        CheckExtensions(options, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckModules(CatalogOptions options, List<string> faults)
    {
        if (options.Modules.Count is 0 or > MostModules)
            faults.Add($"Catalog:Modules has {options.Modules.Count} entries: list 1 to {MostModules} modules.");
        for (var i = 0; i < options.Modules.Count; i++)
        {
            var (module, key) = (options.Modules[i], $"Catalog:Modules:{i}");
            if (!Identifier().IsMatch(module.Id))
                faults.Add($"{key}:Id \"{module.Id}\" must be 1 to 32 letters, digits or hyphens.");
            if (module.Name.Trim().Length is 0 or > 32)
                faults.Add($"{key}:Name must have 1 to 32 characters.");
            if (module.Paths.Count == 0)
                faults.Add($"{key}:Paths is empty: list at least one path prefix.");
            if (FirstIndex(options.Modules, other => Same(other.Id, module.Id)) is var first && first < i)
                faults.Add($"{key}:Id \"{module.Id}\" is a duplicate of Catalog:Modules:{first}:Id.");
            if (module.Upstream is { } upstream)
                UpstreamValidator.Check(upstream, $"{key}:Upstream", faults);
        }
    }

    private static void CheckPaths(CatalogOptions options, List<string> faults)
    {
        var paths = options.Modules
            .SelectMany((module, i) => module.Paths.Select((path, j) => (Path: path, Key: $"Catalog:Modules:{i}:Paths:{j}")))
            .Concat(options.AlwaysAllowed.Select((path, i) => (Path: path, Key: $"Catalog:AlwaysAllowed:{i}")))
            .ToList();
        for (var i = 0; i < paths.Count; i++)
        {
            var (path, key) = paths[i];
            if (!PathPrefix().IsMatch(path))
                faults.Add($"{key} \"{path}\" must start with / and have no empty, \".\" or \"..\" part, no query and no / at the end.");
            else if (paths.Take(i).FirstOrDefault(other => Overlap(other.Path, path)) is { Key: not null } other)
                faults.Add($"{key} \"{path}\" overlaps with {other.Key} \"{other.Path}\": a path can belong to only one module.");
        }
    }

    private static void CheckExtensions(CatalogOptions options, List<string> faults)
    {
        if (options.Extensions.Count == 0)
            faults.Add("Catalog:Extensions is empty: list at least one extension.");
        for (var i = 0; i < options.Extensions.Count; i++)
        {
            var (extension, key) = (options.Extensions[i], $"Catalog:Extensions:{i}");
            if (!Identifier().IsMatch(extension.Id))
                faults.Add($"{key}:Id \"{extension.Id}\" must be 1 to 32 letters, digits or hyphens.");
            if (!ExtensionName().IsMatch(extension.Name))
                faults.Add($"{key}:Name \"{extension.Name}\" must be 1 to 50 characters, lower case, without white space.");
            if (extension.Title.Trim().Length is 0 or > 50)
                faults.Add($"{key}:Title must have 1 to 50 characters.");
            if (extension.Description.Length > 255)
                faults.Add($"{key}:Description must have at most 255 characters.");
            if (FirstIndex(options.Extensions, other => Same(other.Id, extension.Id)) is var first && first < i)
                faults.Add($"{key}:Id \"{extension.Id}\" is a duplicate of Catalog:Extensions:{first}:Id.");
            if (FirstIndex(options.Extensions, other => Same(other.Name, extension.Name)) is var named && named < i)
                faults.Add($"{key}:Name \"{extension.Name}\" is a duplicate of Catalog:Extensions:{named}:Name.");
            CheckExtensionModules(options, extension, key, faults);
        }
    }

    private static void CheckExtensionModules(CatalogOptions options, CatalogOptions.ExtensionOptions extension, string key, List<string> faults)
    {
        if (!Enum.IsDefined(extension.Permissions))
            faults.Add($"{key}:Permissions must be one of {string.Join(", ", Enum.GetNames<PermissionRule>())}.");
        if (extension.Permissions == PermissionRule.Fixed && extension.Modules.Count == 0)
            faults.Add($"{key}:Modules is empty: with Permissions \"Fixed\" list at least one module.");
        if (extension.Permissions != PermissionRule.Fixed && extension.Modules.Count > 0)
            faults.Add($"{key}:Modules is only valid with Permissions \"Fixed\".");
        for (var j = 0; j < extension.Modules.Count; j++)
            if (!options.Modules.Any(module => module.Id == extension.Modules[j]))
                faults.Add($"{key}:Modules:{j} \"{extension.Modules[j]}\" is not a module of Catalog:Modules.");
    }

    private static int FirstIndex<T>(List<T> list, Predicate<T> match) => list.FindIndex(match);

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether one path equals or is below the other, ignoring case, as requests are compared.</summary>
    private static bool Overlap(string left, string right) =>
        (left + "/").StartsWith(right + "/", StringComparison.OrdinalIgnoreCase) ||
        (right + "/").StartsWith(left + "/", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^[A-Za-z0-9-]{1,32}\\z")]
    private static partial Regex Identifier();

    [GeneratedRegex("^[^\\s\\p{Lu}]{1,50}\\z")]
    private static partial Regex ExtensionName();

    [GeneratedRegex(@"^(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z")]
    private static partial Regex PathPrefix();
}
