using Portal.Data;

namespace Portal.Policies;

/// <summary>The rules that an administrator sets for an account or for one of its extensions; see <see cref="TokenPolicy"/>. Null: no rule of its own.</summary>
public sealed record PolicyRules
{
    public static readonly PolicyRules None = new();

    /// <summary>The longest lifetime of a new key, in days.</summary>
    public int? MaximumLifetimeDays { get; init; }

    /// <summary>Whether a token may have no expiration.</summary>
    public bool? PerpetualAllowed { get; init; }

    /// <summary>Whether a token without expiration needs a reason.</summary>
    public bool? PerpetualReasonRequired { get; init; }

    /// <summary>The expiration that the wizard proposes, as it writes it in drafts.</summary>
    public string? DefaultPreset { get; init; }

    /// <summary>The maximum number of tokens of an extension that aren't deleted.</summary>
    public int? MostTokensPerExtension { get; init; }

    /// <summary>The maximum number of tokens of an owner that aren't deleted. For an account, it counts all tokens of the owner; for an extension,
    /// only those with this extension.</summary>
    public int? MostTokensPerOwner { get; init; }

    /// <summary>The maximum age of a key, in days.</summary>
    public int? RotateEveryDays { get; init; }

    /// <summary>After how many days without a request a token is disabled.</summary>
    public int? DisableIdleAfterDays { get; init; }

    /// <summary>Whether a token needs IP rules of its own.</summary>
    public bool? AddressesRequired { get; init; }

    /// <summary>The IDs of modules for which an Operator needs approval; <see cref="AnyModule"/>: all modules together. Null: as the account.</summary>
    public IReadOnlyList<string>? ApprovalModules { get; init; }

    /// <summary>The lifetime, in days, above which an Operator needs approval.</summary>
    public int? ApprovalLifetimeDays { get; init; }

    /// <summary>The entry of <see cref="ApprovalModules"/> for the grant of all modules.</summary>
    public const string AnyModule = TokenPermission.AllModules;

    internal static PolicyRules Of(TokenPolicy stored) => new()
    {
        MaximumLifetimeDays = stored.MaximumLifetimeDays,
        PerpetualAllowed = stored.PerpetualAllowed,
        PerpetualReasonRequired = stored.PerpetualReasonRequired,
        DefaultPreset = stored.DefaultPreset,
        MostTokensPerExtension = stored.MostTokensPerExtension,
        MostTokensPerOwner = stored.MostTokensPerOwner,
        RotateEveryDays = stored.RotateEveryDays,
        DisableIdleAfterDays = stored.DisableIdleAfterDays,
        AddressesRequired = stored.AddressesRequired,
        ApprovalModules = stored.ApprovalModules?.Split(',', StringSplitOptions.RemoveEmptyEntries),
        ApprovalLifetimeDays = stored.ApprovalLifetimeDays,
    };

    internal void WriteTo(TokenPolicy stored)
    {
        (stored.MaximumLifetimeDays, stored.PerpetualAllowed, stored.PerpetualReasonRequired) = (MaximumLifetimeDays, PerpetualAllowed, PerpetualReasonRequired);
        (stored.DefaultPreset, stored.MostTokensPerExtension, stored.MostTokensPerOwner) = (DefaultPreset, MostTokensPerExtension, MostTokensPerOwner);
        (stored.RotateEveryDays, stored.DisableIdleAfterDays, stored.AddressesRequired) = (RotateEveryDays, DisableIdleAfterDays, AddressesRequired);
        (stored.ApprovalModules, stored.ApprovalLifetimeDays) = (Join(ApprovalModules), ApprovalLifetimeDays);
    }

    /// <summary>The rules by name, for the audit log.</summary>
    internal IReadOnlyDictionary<string, object?> Describe() => new Dictionary<string, object?>
    {
        ["maximum_lifetime_days"] = MaximumLifetimeDays,
        ["perpetual_allowed"] = PerpetualAllowed,
        ["perpetual_reason_required"] = PerpetualReasonRequired,
        ["default_preset"] = DefaultPreset,
        ["most_tokens_per_extension"] = MostTokensPerExtension,
        ["most_tokens_per_owner"] = MostTokensPerOwner,
        ["rotate_every_days"] = RotateEveryDays,
        ["disable_idle_after_days"] = DisableIdleAfterDays,
        ["addresses_required"] = AddressesRequired,
        ["approval_modules"] = Join(ApprovalModules),
        ["approval_lifetime_days"] = ApprovalLifetimeDays,
    };

    private static string? Join(IReadOnlyList<string>? modules) => modules is null ? null : string.Join(',', modules);
}
