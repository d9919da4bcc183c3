namespace Portal.Policies;

/// <summary>The rules of a policy because of which a change by an Operator needs approval.</summary>
/// <param name="AllModules">Whether the token would get all modules together.</param>
/// <param name="Modules">The IDs of the modules that the policy names and that the token would get.</param>
/// <param name="LifetimeDays">The lifetime, in days, that the key would exceed; null: it exceeds none.</param>
public sealed record ApprovalNeed(bool AllModules, IReadOnlyList<string> Modules, int? LifetimeDays)
{
    public static readonly ApprovalNeed None = new(false, [], null);

    /// <summary>Whether the change needs no approval.</summary>
    public bool IsNone => !AllModules && Modules.Count == 0 && LifetimeDays is null;
}
