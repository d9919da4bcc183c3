namespace Portal.Audit.Streaming;

/// <summary>The severity of an event, with the numbers of OCSF.</summary>
internal enum OcsfSeverity
{
    Informational = 1,
    Low,
    Medium,
}

/// <summary>The class and the activity of an action in OCSF 1.8.</summary>
/// <remarks>An action without an activity of its own has the activity 99. A new action needs no entry here.</remarks>
internal sealed record OcsfKind(int ClassUid, int ActivityId, string? Activity)
{
    public const int AccountChange = 3001, Authentication = 3002, EntityManagement = 3004, ApiActivity = 6003;

    private const int Other = 99;

    public OcsfSeverity Severity { get; private init; } = OcsfSeverity.Informational;

    /// <summary>Whether the action is an attempt that was refused.</summary>
    public bool IsRefusal { get; private init; }

    public string ClassName => ClassUid switch
    {
        AccountChange => "Account Change",
        Authentication => "Authentication",
        ApiActivity => "API Activity",
        _ => "Entity Management",
    };

    public int CategoryUid => ClassUid / 1000;

    public string CategoryName => CategoryUid == 6 ? "Application Activity" : "Identity & Access Management";

    public static OcsfKind Of(string action) => Find(action) with { Severity = SeverityOf(action), IsRefusal = action is AuditAction.AccessDenied or AuditAction.UserSignInFailed };

    private static OcsfKind Find(string action) => action switch
    {
        AuditAction.UserSignedIn or AuditAction.UserSignInFailed or AuditAction.SignInLinkUsed => new(Authentication, 1, "Logon"),
        AuditAction.UserSignedOut or AuditAction.SessionsEnded => new(Authentication, 2, "Logoff"),
        AuditAction.AccessDenied => new(ApiActivity, Other, null),
        AuditAction.AuditExported or AuditAction.TokensExported => new(ApiActivity, 2, "Read"),
        // Their target is the account.
        AuditAction.UserInvited => new(EntityManagement, 1, "Create"),
        AuditAction.InvitationWithdrawn => new(EntityManagement, 4, "Delete"),
        AuditAction.UserCreated => new(AccountChange, 1, "Create"),
        AuditAction.UserEnabled => new(AccountChange, 2, "Enable"),
        AuditAction.PasswordChanged => new(AccountChange, 3, "Password Change"),
        AuditAction.PasswordReset => new(AccountChange, 4, "Password Reset"),
        AuditAction.UserDisabled => new(AccountChange, 5, "Disable"),
        AuditAction.UserRemoved => new(AccountChange, 6, "Delete"),
        AuditAction.UserLockedOut => new(AccountChange, 9, "Lock"),
        AuditAction.SecondFactorAdded or AuditAction.PasskeyAdded => new(AccountChange, 10, "MFA Factor Enable"),
        AuditAction.SecondFactorRemoved or AuditAction.PasskeyRemoved => new(AccountChange, 11, "MFA Factor Disable"),
        _ when action.StartsWith("user.", StringComparison.Ordinal) => new(AccountChange, Other, null),
        _ => OfEntity(action[(action.IndexOf('.', StringComparison.Ordinal) + 1)..]),
    };

    private static OcsfKind OfEntity(string verb) => verb switch
    {
        "created" or "added" => new(EntityManagement, 1, "Create"),
        "key_viewed" or "key_copied" or "key_downloaded" or "key_traced" => new(EntityManagement, 2, "Read"),
        "updated" or "changed" or "saved" or "rotated" or "renewed" or "owner_changed" or "expiration_shortened" or "previous_key_ended" or "secret_rotated"
            => new(EntityManagement, 3, "Update"),
        "deleted" or "removed" or "purged" or "trimmed" => new(EntityManagement, 4, "Delete"),
        "enabled" => new(EntityManagement, 8, "Enable"),
        "disabled" => new(EntityManagement, 9, "Disable"),
        "started" => new(EntityManagement, 10, "Activate"),
        _ => new(EntityManagement, Other, null),
    };

    private static OcsfSeverity SeverityOf(string action) => action switch
    {
        AuditAction.AccessDenied or AuditAction.UserLockedOut or AuditAction.KeyTraced => OcsfSeverity.Medium,
        AuditAction.UserSignInFailed or AuditAction.AuditTrimmed or AuditAction.SignInLinkCreated => OcsfSeverity.Low,
        "notice.retired_key_used" or "notice.expired_called" or "notice.new_network" or "notice.refused_more" => OcsfSeverity.Low,
        _ => OcsfSeverity.Informational,
    };
}
