using Portal.Catalog;
using Portal.Tokens.Create;
using Portal.Tokens.Details;

namespace Portal.Tokens.Templates.Screen;

/// <summary>The input of the page of a template.</summary>
public sealed class TemplateForm
{
    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public string ExtensionId { get; set; } = "";

    /// <summary>Empty: the usual one.</summary>
    public string Expiration { get; set; } = "";

    public ModuleSelection Modules { get; init; } = new();
    public RateLimitInput RateLimit { get; init; } = new();

    /// <summary>As typed, see <see cref="Tokens.NoticeDays"/>.</summary>
    public string NoticeDays { get; set; } = "";

    /// <summary>One on each line.</summary>
    public string Addresses { get; set; } = "";

    /// <summary>Fills the form. Modules that the catalog no longer contains are left out.</summary>
    public static TemplateForm Of(Template template, ModuleCatalog catalog) => new()
    {
        Name = template.Name,
        Description = template.Description ?? "",
        ExtensionId = template.ExtensionId,
        Expiration = template.Content.Expiration ?? "",
        Modules = ModuleSelection.Of(new ModuleChoice(template.Content.AllModules, [.. template.Content.Modules.Where(id => catalog.FindModule(id) is not null)])),
        RateLimit = RateLimitInput.Of(template.Content.Limit),
        NoticeDays = Tokens.NoticeDays.Write(template.Content.NoticeDays),
        Addresses = string.Join('\n', template.Content.Addresses),
    };

    public TemplateInput ToInput(ModuleCatalog catalog)
    {
        var asks = catalog.FindExtension(ExtensionId) is { Permissions: PermissionRule.Ask };
        return new TemplateInput(Name, Description, ExtensionId, new TemplateContent
        {
            Expiration = Expiration.Length == 0 ? null : Expiration,
            AllModules = asks && Modules.AllModules,
            Modules = asks && !Modules.AllModules ? [.. Modules.Ids.Order(StringComparer.Ordinal)] : [],
            RateLimit = RateLimit.ToChoice().Store(),
            NoticeDays = Tokens.NoticeDays.Read(NoticeDays),
            Addresses = [.. Addresses.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
        });
    }
}
