using System.Globalization;

namespace Portal.Policies.Screen;

/// <summary>The answers to whether keys may have no expiration.</summary>
public enum PerpetualAnswer
{
    /// <summary>No rule, or that of the account.</summary>
    Unset,
    Allowed,
    WithReason,
    Forbidden,
}

/// <summary>The answers to which modules need approval.</summary>
public enum ApprovalAnswer
{
    /// <summary>No rule, or that of the account.</summary>
    Unset,
    None,
    These,
}

/// <summary>The input of the page of a policy, as text.</summary>
public sealed class PolicyForm
{
    private readonly PolicyRules _saved;

    public PolicyForm(PolicyRules saved)
    {
        _saved = saved;
        (MaximumLifetime, PerExtension, PerOwner) = (Write(saved.MaximumLifetimeDays), Write(saved.MostTokensPerExtension), Write(saved.MostTokensPerOwner));
        (RotateEvery, DisableIdle, Preset) = (Write(saved.RotateEveryDays), Write(saved.DisableIdleAfterDays), saved.DefaultPreset ?? "");
        Perpetual = (saved.PerpetualAllowed, saved.PerpetualReasonRequired) switch
        {
            (false, _) => PerpetualAnswer.Forbidden,
            (_, true) => PerpetualAnswer.WithReason,
            (true, _) => PerpetualAnswer.Allowed,
            _ => PerpetualAnswer.Unset,
        };
        AddressesRequired = saved.AddressesRequired;
        (ApprovalLifetime, Approval) = (Write(saved.ApprovalLifetimeDays), saved.ApprovalModules is null ? ApprovalAnswer.Unset : saved.ApprovalModules.Count == 0 ? ApprovalAnswer.None : ApprovalAnswer.These);
        ApprovalModules = [.. saved.ApprovalModules ?? []];
    }

    public string MaximumLifetime { get; set; }
    public PerpetualAnswer Perpetual { get; set; }
    public string Preset { get; set; }
    public string PerExtension { get; set; }
    public string PerOwner { get; set; }
    public string RotateEvery { get; set; }
    public string DisableIdle { get; set; }
    public bool? AddressesRequired { get; set; }
    public string ApprovalLifetime { get; set; }
    public ApprovalAnswer Approval { get; set; }

    /// <summary>The IDs of the modules, for <see cref="ApprovalAnswer.These"/>.</summary>
    public HashSet<string> ApprovalModules { get; }

    /// <summary>Reads the input. A number that can't be read is -1, which the service refuses at its field.</summary>
    public PolicyRules ToRules() => _saved with
    {
        MaximumLifetimeDays = Read(MaximumLifetime),
        PerpetualAllowed = Perpetual switch { PerpetualAnswer.Unset => null, PerpetualAnswer.Forbidden => false, _ => true },
        PerpetualReasonRequired = Perpetual switch { PerpetualAnswer.WithReason => true, PerpetualAnswer.Unset => null, _ => false },
        DefaultPreset = Preset.Length == 0 ? null : Preset,
        MostTokensPerExtension = Read(PerExtension),
        MostTokensPerOwner = Read(PerOwner),
        RotateEveryDays = Read(RotateEvery),
        DisableIdleAfterDays = Read(DisableIdle),
        AddressesRequired = AddressesRequired,
        ApprovalModules = Approval switch { ApprovalAnswer.Unset => null, ApprovalAnswer.None => [], _ => [.. ApprovalModules.Order(StringComparer.Ordinal)] },
        ApprovalLifetimeDays = Read(ApprovalLifetime),
    };

    private static string Write(int? number) => number?.ToString(CultureInfo.CurrentCulture) ?? "";

    private static int? Read(string text) =>
        text.Trim().Length == 0 ? null
        : int.TryParse(text.Trim(), NumberStyles.AllowThousands, CultureInfo.CurrentCulture, out var number) ? number
        : -1;
}
