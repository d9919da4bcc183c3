using Portal.Access;
using Portal.Data;
// Constants: nothing of MudBlazor is used when Portal runs.
using Icons = MudBlazor.Icons.Material.Outlined;

namespace Portal.Tokens;

public sealed partial class TokenAction
{
    public static readonly TokenAction Enable = new("Enable")
    {
        WireName = "activate",
        AuditCode = "token.enabled",
        IsOffered = token => token.Stored is StoredStatus.Inactive or StoredStatus.Pending,
        Run = (tokens, actor, handle, with, cancellation) => tokens.EnableAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.Status is not (TokenStatus.Inactive or TokenStatus.Pending),
        Icon = Icons.PlayCircle,
        DoneMessage = "\"{0}\" is enabled. Its keys work again.",
        Summary = "Enable a token",
        Description = "In force for the next request.",
    };

    public static readonly TokenAction Disable = new("Disable")
    {
        WireName = "deactivate",
        AuditCode = "token.disabled",
        IsOffered = token => token.Stored == StoredStatus.Active,
        Run = (tokens, actor, handle, with, cancellation) => tokens.DisableAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.Status == TokenStatus.Inactive,
        Icon = Icons.PauseCircle,
        Question = new("Disable {0}?", "Requests with its keys are refused immediately, until you enable the token again.", "Disable")
        {
            Descendants = new("disabled", "disabled; its keys are refused.", status => status == StoredStatus.Active),
        },
        DoneMessage = "\"{0}\" is disabled. Its keys are refused.",
        Summary = "Disable a token",
        Description = "In force for the next request, which is answered `401 AUTH_002`.",
    };

    /// <summary>Has a dialog of its own.</summary>
    public static readonly TokenAction Renew = new("Renew")
    {
        WireName = "renew",
        AuditCode = "token.renewed",
        IsOffered = token => token.ExpiresAt is not null && !token.PreviousLives,
        Run = (tokens, actor, handle, with, cancellation) => tokens.RenewAsync(actor, handle, with.ExpiresAt!.Value, with.Call, with.Condition, cancellation),
        NewKey = new(RequiresExpiration: true, TakesOverlap: false),
        Icon = Icons.Update,
        Summary = "Renew a token",
        Description = "Makes a second key, in `renewed_token`; the present one lives until its own end. If that has come already, the new key is "
            + "in `token`. Only for a token with an expiration.",
    };

    /// <summary>Has a dialog of its own.</summary>
    public static readonly TokenAction Rotate = new("Rotate")
    {
        WireName = "rotate",
        AuditCode = "token.rotated",
        Run = (tokens, actor, handle, with, cancellation) => tokens.RotateAsync(
            actor, handle, with.ExpiresAt, with.Overlap, with.Call, with.Condition, cancellation),
        NewKey = new(RequiresExpiration: false, TakesOverlap: true),
        Icon = Icons.Autorenew,
        Summary = "Rotate a token",
        Description = "Makes a new key, in `token`, in the place of all others, which end at once. With an `overlap` the present one lives on for so long, "
            + "and the new one is in `renewed_token`. Neither lives longer than the key that you call with.",
    };

    /// <summary>In no menu: it stands beside the keys.</summary>
    public static readonly TokenAction EndPrevious = new("End previous key")
    {
        WireName = "end-previous",
        AuditCode = "token.previous_key_ended",
        IsOffered = token => token.PreviousLives,
        Run = (tokens, actor, handle, with, cancellation) => tokens.EndPreviousAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.PreviousEndsAt is null,
        Question = new(
            "End the previous key of {0}?", "Requests with it are refused immediately. The new key keeps working.", "End now")
        {
            IsAboutPreviousKey = true,
        },
        DoneMessage = "The previous key of \"{0}\" no longer works.",
        Summary = "End the previous key",
        Description = "While two keys of the token live, the one that was there first ends now. If only one does, nothing changes.",
    };

    public static readonly TokenAction Delete = new("Delete")
    {
        WireName = "delete",
        AuditCode = "token.deleted",
        Role = Role.Administrator,
        Run = (tokens, actor, handle, with, cancellation) => tokens.DeleteAsync(actor, handle, with.Condition, cancellation),
        IsFinal = true,
        Icon = Icons.Delete,
        Question = new(
            "Delete {0}?", "Its keys stop working immediately and permanently. You can still view the token and its statistics under Show deleted.", "Delete")
        {
            Descendants = new("deleted", "deleted.", status => status != StoredStatus.Deleted),
        },
        DoneMessage = "\"{0}\" is deleted.",
        Summary = "Delete a token",
        Description = "Its keys end at once and for good. Asking again is fine.",
    };

    /// <summary>Every action, in the order of the API's document.</summary>
    public static IReadOnlyList<TokenAction> All { get; } = [Enable, Disable, Renew, Rotate, EndPrevious, Delete];

    /// <summary>What the menus of tokens offer, in their order.</summary>
    public static IReadOnlyList<TokenAction> Menu { get; } = [Enable, Disable, Rotate, Renew, Delete];
}
