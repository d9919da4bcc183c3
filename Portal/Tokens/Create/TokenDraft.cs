using Portal.Addresses;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Templates;

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

    /// <summary>The days of notice as typed, see <see cref="Tokens.NoticeDays"/>. Without an expiration, they don't apply.</summary>
    public string NoticeDays { get; set; } = "";

    public string ExtensionId { get; set; } = "";
    public ModuleSelection Modules { get; init; } = new();
    public RateLimitInput RateLimit { get; init; } = new();

    /// <summary>The only addresses that may use the token, as the user entered them; empty: no IP rules of its own.</summary>
    public List<string> Addresses { get; init; } = [];

    /// <summary>The text of the field that adds an address.</summary>
    public string AddressText { get; set; } = "";

    /// <summary>The note of the request, if the token needs approval.</summary>
    public string ApprovalNote { get; set; } = "";

    /// <summary>Whether the limits are unfolded.</summary>
    public bool ShowsLimits { get; set; }

    /// <summary>The ID of the template that filled the draft last; null: none.</summary>
    public long? TemplateId { get; set; }

    /// <summary>The handle of the token that was created from this draft; null: none yet.</summary>
    public string? CreatedHandle { get; set; }

    /// <summary>An attempt to create the token got no response, so the token may exist.</summary>
    public bool IsSent { get; set; }

    /// <summary>An earlier attempt created the token, so the draft may differ from it.</summary>
    public bool WasCreatedEarlier { get; set; }

    /// <summary>Whether the token expires, so that people can be told before.</summary>
    public bool HasNotices => Expiration.Kind != ExpirationChoice.Perpetual;

    /// <summary>Whether leaving would lose input.</summary>
    public bool HasAnswers => CreatedHandle is null && (Step != WizardStep.General || Name.Length + ExternalId.Length + Description.Length + Contact.Length > 0);

    public static TokenDraft Start(ModuleCatalog catalog, IReadOnlyList<string> presets) => Start(catalog, presets, PolicyBook.Empty, DateTime.UnixEpoch);

    /// <param name="policies">Preselects an expiration that the policy of the extension allows.</param>
    public static TokenDraft Start(ModuleCatalog catalog, IReadOnlyList<string> presets, PolicyBook policies, DateTime now)
    {
        var extension = catalog.Extensions.FirstOrDefault(extension => extension.Name == PreferredExtension) ?? catalog.Extensions[0];
        return new TokenDraft
        {
            Expiration = new ExpirationChoice { Kind = ExpirationChoice.DefaultKind(presets, policies.Of(extension.Id), now) },
            ExtensionId = extension.Id,
        };
    }

    /// <summary>Validates a step. Only the database can check whether the name is taken.</summary>
    public IReadOnlyList<Fault> Check(WizardStep step, ModuleCatalog catalog, DateTime now) => step switch
    {
        WizardStep.General => CheckGeneral(),
        WizardStep.Expiration =>
        [
            .. One(TokenField.Expiration, Expiration.Check(now)), .. One(TokenField.Start, StartTime.Check(now, Expiration.EndFrom(now))),
            .. One(TokenField.NoticeDays, HasNotices ? Tokens.NoticeDays.Check(NoticeDays) : null),
        ],
        WizardStep.Extension => One(TokenField.Extension, catalog.FindExtension(ExtensionId) is null ? Texts.TokenDraft_ExtensionMissing : null),
        WizardStep.Permissions =>
        [
            .. One(TokenField.Permissions, CheckModules(catalog)),
            .. One(TokenField.RateLimit, RateLimit.ToChoice().Limit is { } limit ? TokenRules.CheckRateLimit(limit) : null),
        ],
        _ => [],
    };

    /// <summary>Takes the values of a template. Those that are no longer offered are left out.</summary>
    /// <param name="mayAddAddresses">Whether the person can add IP rules.</param>
    public void Apply(Template template, ModuleCatalog catalog, IReadOnlyList<string> presets, bool mayAddAddresses)
    {
        (TemplateId, ExtensionId) = (template.Id, template.ExtensionId);
        if (template.Content.Expiration is { } kind && (kind == ExpirationChoice.Perpetual || presets.Contains(kind)))
            Expiration.Kind = kind;
        Modules.Replace(new ModuleChoice(template.Content.AllModules, [.. template.Content.Modules.Where(id => catalog.FindModule(id) is not null)]));
        var limit = RateLimitInput.Of(template.Content.Limit);
        (RateLimit.Rule, RateLimit.Requests, RateLimit.Per) = (limit.Rule, limit.Requests, limit.Per);
        Addresses.Clear();
        foreach (var address in mayAddAddresses ? template.Content.Addresses : [])
            AddAddress(address);
        NoticeDays = Tokens.NoticeDays.Write(template.Content.NoticeDays) is var days && Tokens.NoticeDays.Check(days) is null ? days : "";
        ShowsLimits = RateLimit.Rule != RateRule.Default || Addresses.Count > 0;
    }

    /// <summary>What the policy has against the input of a step.</summary>
    /// <param name="mayAddAddresses">Whether the person can add IP rules. If not, they must know before the last step.</param>
    public PolicyViolation? FindViolation(WizardStep step, EffectivePolicy policy, bool mayAddAddresses, DateTime now) => step switch
    {
        WizardStep.Expiration => Expiration.Against(policy, now),
        // The extension decides which policy applies to the expiration.
        WizardStep.Extension => Expiration.Against(policy, now) ?? (mayAddAddresses ? null : policy.CheckAddresses(hasAddresses: false)),
        WizardStep.Permissions => policy.CheckAddresses(Addresses.Count > 0 && mayAddAddresses),
        _ => null,
    };

    /// <summary>The step that contains a field.</summary>
    public static WizardStep StepOf(TokenField field) => field switch
    {
        TokenField.Expiration or TokenField.Start or TokenField.PerpetualReason or TokenField.NoticeDays => WizardStep.Expiration,
        TokenField.Extension => WizardStep.Extension,
        TokenField.Permissions or TokenField.RateLimit or TokenField.Addresses or TokenField.ApprovalNote => WizardStep.Permissions,
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
        PerpetualReason = Expiration.Reason,
        NoticeDays = HasNotices ? NoticeDays : null,
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
