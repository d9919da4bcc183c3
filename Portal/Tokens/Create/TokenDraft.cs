using Portal.Catalog;
using Portal.Localization;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.Create;

/// <summary>The steps of the wizard, in order.</summary>
public enum WizardStep
{
    General,
    Expiration,
    Extension,
    Permissions,
    Summary,
}

/// <summary>The input of the wizard and its validation. It contains no key.</summary>
public sealed class TokenDraft
{
    /// <summary>The extension that is preselected if the catalog contains it.</summary>
    private const string PreferredExtension = "custom";

    /// <summary>Sent with each attempt, so that one draft creates only one token.</summary>
    public Guid CreationId { get; set; } = Guid.CreateVersion7();

    public WizardStep Step { get; set; }
    public string Name { get; set; } = "";
    public string ExternalId { get; set; } = "";
    public string Description { get; set; } = "";
    public ExpirationChoice Expiration { get; init; } = new();
    public string ExtensionId { get; set; } = "";
    public ModuleSelection Modules { get; init; } = new();

    /// <summary>The handle of the token that was created from this draft; null: none yet.</summary>
    public string? CreatedHandle { get; set; }

    /// <summary>An attempt to create the token got no response, so the token may exist.</summary>
    public bool IsSent { get; set; }

    /// <summary>An earlier attempt created the token, so the draft may differ from it.</summary>
    public bool WasCreatedEarlier { get; set; }

    /// <summary>Whether leaving would lose input.</summary>
    public bool HasAnswers => CreatedHandle is null && (Step != WizardStep.General || Name.Length + ExternalId.Length + Description.Length > 0);

    public static TokenDraft Start(ModuleCatalog catalog, IReadOnlyList<string> presets) => new()
    {
        Expiration = new ExpirationChoice { Kind = ExpirationChoice.DefaultKind(presets) },
        ExtensionId = (catalog.Extensions.FirstOrDefault(extension => extension.Name == PreferredExtension) ?? catalog.Extensions[0]).Id,
    };

    /// <summary>Validates a step. Only the database can check whether the name is taken.</summary>
    public IReadOnlyList<Fault> Check(WizardStep step, ModuleCatalog catalog, DateTime now) => step switch
    {
        WizardStep.General => CheckGeneral(),
        WizardStep.Expiration => One(TokenField.Expiration, Expiration.Check(now)),
        WizardStep.Extension => One(TokenField.Extension, catalog.FindExtension(ExtensionId) is null ? Texts.TokenDraft_ExtensionMissing : null),
        WizardStep.Permissions => One(TokenField.Permissions, CheckModules(catalog)),
        _ => [],
    };

    /// <summary>The step that contains a field.</summary>
    public static WizardStep StepOf(TokenField field) => field switch
    {
        TokenField.Expiration => WizardStep.Expiration,
        TokenField.Extension => WizardStep.Extension,
        TokenField.Permissions => WizardStep.Permissions,
        _ => WizardStep.General,
    };

    public NewToken ToNewToken(DateTime now) =>
        new(CreationId, Name, ExternalId, Description, Expiration.EndFrom(now), ExtensionId, Modules.ToChoice());

    private List<Fault> CheckGeneral() =>
    [
        .. One(TokenField.Name, TokenRules.CheckName(Name)),
        .. One(TokenField.ExternalId, TokenRules.CheckExternalId(ExternalId)),
        .. One(TokenField.Description, TokenRules.CheckDescription(Description)),
    ];

    private string? CheckModules(ModuleCatalog catalog) =>
        catalog.FindExtension(ExtensionId) is { Permissions: PermissionRule.Ask } && Modules.CountIn(catalog) == 0
            ? Texts.TokenDraft_ModulesMissing
            : null;

    private static IReadOnlyList<Fault> One(TokenField field, string? message) => message is null ? [] : [new Fault(field, message)];
}
