namespace Portal.Audit;

/// <summary>The codes of audit entries. They must not change, because users search for them. Actions on tokens, such as
/// <c>token.disabled</c>, declare their own.</summary>
public static class AuditAction
{
    public const string AccountCreated = "account.created";

    /// <summary>The role of the actor didn't allow what they tried. The target is the account; the details say what it was and how often.</summary>
    public const string AccessDenied = "access.denied";
    /// <summary>The target is the account, as for all actions on the log itself.</summary>
    public const string AuditExported = "audit.exported";

    /// <summary>Entries were removed at the end of their retention. The details contain the ID of the last one.</summary>
    public const string AuditTrimmed = "audit.trimmed";
    public const string UserSignedIn = "user.signed_in";
    public const string UserSignedOut = "user.signed_out";
    public const string UserSignInFailed = "user.sign_in_failed";

    /// <summary>Too many sign-ins failed, so further attempts are refused for some time.</summary>
    public const string UserLockedOut = "user.locked_out";

    /// <summary>The target is the account. The details say who was invited with which role.</summary>
    public const string UserInvited = "user.invited";

    /// <summary>The target is the account.</summary>
    public const string InvitationWithdrawn = "user.invitation_withdrawn";

    /// <summary>Someone accepted an invitation, or a directory created the user.</summary>
    public const string UserCreated = "user.created";

    /// <summary>A directory changed the name or an address of a user.</summary>
    public const string UserUpdated = "user.updated";
    public const string UserRoleChanged = "user.role_changed";
    public const string UserDisabled = "user.disabled";
    public const string UserEnabled = "user.enabled";
    public const string UserRemoved = "user.removed";

    /// <summary>The target is the former owner. The details say who owns the tokens now.</summary>
    public const string TokensHandedOver = "user.tokens_handed_over";

    /// <summary>An administrator ended a password and created the link for a new one.</summary>
    public const string PasswordReset = "user.password_reset";

    /// <summary>Someone asked for a link for a new password, which was mailed to the user.</summary>
    public const string PasswordLinkRequested = "user.password_link_requested";
    public const string PasswordChanged = "user.password_changed";

    /// <summary>A user set up an authenticator app.</summary>
    public const string SecondFactorAdded = "user.second_factor_added";

    /// <summary>The user removed the authenticator app, or an administrator removed it and all passkeys.</summary>
    public const string SecondFactorRemoved = "user.second_factor_removed";
    /// <summary>The details contain the name of the passkey, as for the next two.</summary>
    public const string PasskeyAdded = "user.passkey_added";
    public const string PasskeyRenamed = "user.passkey_renamed";
    public const string PasskeyRemoved = "user.passkey_removed";
    public const string RecoveryCodesRenewed = "user.recovery_codes_renewed";
    /// <summary>A user connected an identity provider to sign in with. The details name it.</summary>
    public const string ProviderConnected = "user.provider_connected";
    public const string ProviderDisconnected = "user.provider_disconnected";

    /// <summary>An operator of the server created the link with which a user can sign in once.</summary>
    public const string SignInLinkCreated = "user.sign_in_link_created";
    public const string SignInLinkUsed = "user.sign_in_link_used";
    public const string UserRenamed = "user.renamed";

    /// <summary>A user created a new secret address of the own calendar.</summary>
    public const string CalendarRenewed = "user.calendar_renewed";
    public const string CalendarEnded = "user.calendar_ended";

    /// <summary>A user ended some of their own sessions. The details say how many.</summary>
    public const string SessionsEnded = "user.sessions_ended";

    /// <summary>An operator replaced the key of the key ring. The target is the account; the details say how many former keys were removed.</summary>
    public const string KeyRingRenewed = "key_ring.renewed";
    public const string GroupCreated = "group.created";

    /// <summary>The details say who joined and left.</summary>
    public const string GroupUpdated = "group.updated";
    public const string GroupRemoved = "group.removed";
    public const string TokenCreated = "token.created";
    public const string TokenUpdated = "token.updated";

    /// <summary>A pending token reached its start.</summary>
    public const string TokenStarted = "token.started";

    /// <summary>The details say whether it is active, and why.</summary>
    public const string TokenRestored = "token.restored";

    /// <summary>A deleted token was removed at the end of its retention, with its keys and statistics. The details say when it was deleted.</summary>
    public const string TokenPurged = "token.purged";
    public const string KeyViewed = "token.key_viewed";
    public const string KeyCopied = "token.key_copied";

    /// <summary>Someone downloaded a file with the new keys of a bulk action. Each of its tokens has an entry.</summary>
    public const string KeyDownloaded = "token.key_downloaded";

    /// <summary>Someone searched for the token of a leaked key. The details say which key of the token it is, but never contain the secret.</summary>
    public const string KeyTraced = "token.key_traced";

    /// <summary>The target is the account. The details say how many tokens were exported in which format.</summary>
    public const string TokensExported = "token.exported";

    /// <summary>The target is the account, or the token to which the rule applies.</summary>
    public const string IpRuleAdded = "ip_rule.added";
    public const string IpRuleRemoved = "ip_rule.removed";

    /// <summary>The target is the account. Its name is that of the policy: <c>account</c>, or the ID of an extension.</summary>
    public const string PolicyChanged = "policy.changed";

    /// <summary>The target is the account. Its name is that of the template.</summary>
    public const string TemplateSaved = "template.saved";
    public const string TemplateDeleted = "template.deleted";

    /// <summary>An Operator requested a change that needs approval. The target is the token or, for a new one, the account; the details contain the ID of the
    /// request, as for the next four.</summary>
    public const string ApprovalRequested = "approval.requested";

    /// <summary>The change has an entry of its own.</summary>
    public const string ApprovalApproved = "approval.approved";
    public const string ApprovalDeclined = "approval.declined";
    public const string ApprovalWithdrawn = "approval.withdrawn";

    /// <summary>Nobody decided about a request in time.</summary>
    public const string ApprovalExpired = "approval.expired";

    /// <summary>People are told that a policy will disable a token that isn't used.</summary>
    public const string NoticeIdle = "notice.idle";

    /// <summary>People are told that a policy requires a new key.</summary>
    public const string NoticeRotation = "notice.rotation";

    /// <summary>The target is the account.</summary>
    public const string ViewSaved = "view.saved";
    public const string ViewDeleted = "view.deleted";
}
