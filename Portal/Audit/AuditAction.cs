namespace Portal.Audit;

/// <summary>The names under which things are written to the audit: stable, because people search for them. Actions on tokens, such as
/// <c>token.disabled</c>, declare their own.</summary>
public static class AuditAction
{
    public const string AccountCreated = "account.created";
    public const string UserSignedIn = "user.signed_in";
    public const string UserSignedOut = "user.signed_out";
    public const string UserSignInFailed = "user.sign_in_failed";

    /// <summary>So many sign-ins failed that further ones from there are refused for a while.</summary>
    public const string UserLockedOut = "user.locked_out";
    public const string TokenCreated = "token.created";
    public const string TokenUpdated = "token.updated";
    public const string KeyViewed = "token.key_viewed";
    public const string KeyCopied = "token.key_copied";

    /// <summary>Somebody found a key outside and asked whose it is; the details tell which key of the token, never the secret.</summary>
    public const string KeyTraced = "token.key_traced";

    /// <summary>The target is the account, or the token that the rule is for.</summary>
    public const string IpRuleAdded = "ip_rule.added";
    public const string IpRuleRemoved = "ip_rule.removed";
}
