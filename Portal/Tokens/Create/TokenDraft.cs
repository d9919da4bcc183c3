using Portal.Addresses;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Details;
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

    /// <summary>The code of the owner; null: the user who creates the token.</summary>
    public string? Owner { get; set; }

    public string Contact { get; set; } = "";
    public ExpirationChoice Expiration { get; init; } = new();
    public StartChoice StartTime { get; init; } = new();
    public string ExtensionId { get; set; } = "";
    public ModuleSelection Modules { get; init; } = new();
    public RateLimitInput RateLimit { get; init; } = new();

    /// <summary>The only addresses that may use the token, as the user entered them; empty: no IP rules of its own.</summary>
    public List<string> Addresses { get; init; } = [];

    /// <summary>The text of the field that adds an address.</summary>
    public string AddressText { get; set; } = "";

    /// <summary>Whether the limits are unfolded.</summary>
    public bool ShowsLimits { get; set; }

    /// <summary>The handle of the token that was created from this draft; null: none yet.</summary>
    public string? CreatedHandle { get; set; }

    /// <summary>An attempt to create the token got no response, so the token may exist.</summary>
    public bool IsSent { get; set; }

    /// <summary>An earlier attempt created the token, so the draft may differ from it.</summary>
    public bool WasCreatedEarlier { get; set; }

    /// <summary>Whether leaving would lose input.</summary>
    public bool HasAnswers => CreatedHandle is null && (Step != WizardStep.General || Name.Length + ExternalId.Length + Description.Length + Contact.Length > 0);

    public static TokenDraft Start(ModuleCatalog catalog, IReadOnlyList<string> presets) => new()
    {
        Expiration = new ExpirationChoice { Kind = ExpirationChoice.DefaultKind(presets) },
        ExtensionId = (catalog.Extensions.FirstOrDefault(extension => extension.Name == PreferredExtension) ?? catalog.Extensions[0]).Id,
    };

    /// <summary>Validates a step. Only the database can check whether the name is taken.</summary>
    public IReadOnlyList<Fault> Check(WizardStep step, ModuleCatalog catalog, DateTime now) => step switch
    {
        WizardStep.General => CheckGeneral(),
        WizardStep.Expiration => [.. One(TokenField.Expiration, Expiration.Check(now)), .. One(TokenField.Start, StartTime.Check(now, Expiration.EndFrom(now)))],
        WizardStep.Extension => One(TokenField.Extension, catalog.FindExtension(ExtensionId) is null ? Texts.TokenDraft_ExtensionMissing : null),
        WizardStep.Permissions =>
        [
            .. One(TokenField.Permissions, CheckModules(catalog)),
            .. One(TokenField.RateLimit, RateLimit.ToChoice().Limit is { } limit ? TokenRules.CheckRateLimit(limit) : null),
        ],
        _ => [],
    };

    /// <summary>The step that contains a field.</summary>
    public static WizardStep StepOf(TokenField field) => field switch
    {
        TokenField.Expiration or TokenField.Start => WizardStep.Expiration,
        TokenField.Extension => WizardStep.Extension,
        TokenField.Permissions or TokenField.RateLimit or TokenField.Addresses => WizardStep.Permissions,
        _ => WizardStep.General,
    };

    /// <summary>Adds an address, a range or a network.</summary>
    /// <returns>The error message; null: it was added.</returns>
    public string? AddAddress(string text)
    {
        if (!AddressRangeFormat.TryParse(text, out var range, out var fault))
            return fault;
        if (Addresses.Exists(other => AddressRangeFormat.TryParse(other, out var added, out _) && added == range))
            return Texts.IpRule_Exists.With(text.Trim());
        Addresses.Add(text.Trim());
        return null;
    }

    /// <summary>The step to show if another one is requested: it can't be after a step with an error, and not the summary.</summary>
    public WizardStep Reachable(WizardStep wanted, ModuleCatalog catalog, DateTime now)
    {
        for (var step = WizardStep.General; step < wanted && step < WizardStep.Permissions; step++)
            if (Check(step, catalog, now).Count > 0)
                return step;
        return wanted < WizardStep.Permissions ? wanted : WizardStep.Permissions;
    }

    public NewToken ToNewToken(DateTime now) => new(CreationId, Name, ExternalId, Description, Expiration.EndFrom(now), ExtensionId, Modules.ToChoice())
    {
        StartsAt = StartTime.Start,
        RateLimit = RateLimit.ToChoice(),
        Addresses = Addresses,
        Owner = Owner is null ? null : OwnerChoice.Parse(Owner),
        Contact = Contact,
    };

    private List<Fault> CheckGeneral() =>
    [
        .. One(TokenField.Name, TokenRules.CheckName(Name)),
        .. One(TokenField.ExternalId, TokenRules.CheckExternalId(ExternalId)),
        .. One(TokenField.Description, TokenRules.CheckDescription(Description)),
        .. One(TokenField.Owner, OwnerChoice.Parse(Owner).Team is { } team ? TokenOwnerStore.CheckTeam(team) : null),
        .. One(TokenField.Contact, TokenRules.CheckContact(Contact)),
    ];

    private string? CheckModules(ModuleCatalog catalog) =>
        catalog.FindExtension(ExtensionId) is { Permissions: PermissionRule.Ask } && Modules.CountIn(catalog) == 0
            ? Texts.TokenDraft_ModulesMissing
            : null;

    private static IReadOnlyList<Fault> One(TokenField field, string? message) => message is null ? [] : [new Fault(field, message)];
}
