using Portal.Access;
using Portal.Data;
using Portal.Localization;
// These are constants, so MudBlazor isn't needed at run time.
using Icons = MudBlazor.Icons.Material.Outlined;

namespace Portal.Tokens;

public sealed partial class TokenAction
{
    public static readonly TokenAction Enable = new("Enable", () => Texts.TokenAction_Enable)
    {
        WireName = "activate",
        AuditCode = "token.enabled",
        IsOffered = token => token.Stored is StoredStatus.Inactive or StoredStatus.Pending,
        Run = (tokens, actor, handle, with, cancellation) => tokens.EnableAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.Status is not (TokenStatus.Inactive or TokenStatus.Pending),
        Icon = Icons.PlayCircle,
        Done = () => Texts.TokenAction_EnableDone,
        Summary = "Enable a token",
        Description = "Enables a disabled or pending token. This applies from the next request.",
    };

    public static readonly TokenAction Disable = new("Disable", () => Texts.TokenAction_Disable)
    {
        WireName = "deactivate",
        AuditCode = "token.disabled",
        IsOffered = token => token.Stored == StoredStatus.Active || token.IsScheduled,
        Run = (tokens, actor, handle, with, cancellation) => tokens.DisableAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.Status == TokenStatus.Inactive,
        Undo = Enable,
        Icon = Icons.PauseCircle,
        Question = new(() => Texts.TokenAction_DisableQuestion, () => Texts.TokenAction_DisableConsequence, () => Texts.TokenAction_Disable)
        {
            Descendants = new(status => status == StoredStatus.Active, () => new DescendantsTexts
            {
                QuestionOne = Texts.TokenAction_DisableCreated_One,
                QuestionOther = Texts.TokenAction_DisableCreated_Other,
                ChooseAll = Texts.TokenAction_DisableAllCreated,
                Button = Texts.TokenAction_DisableMany,
                DoneNone = Texts.TokenAction_DisabledNone,
                DoneAll = Texts.TokenAction_DisabledAll,
                DoneSome = Texts.TokenAction_DisabledSome,
                DoneEach = Texts.TokenAction_DisabledEach,
            }),
        },
        Done = () => Texts.TokenAction_DisableDone,
        Summary = "Disable a token",
        Description = "Disables a token. The next request with one of its keys gets `401 AUTH_002`.",
    };

    /// <summary>Creates a key with a later expiration. It has its own dialog.</summary>
    public static readonly TokenAction Renew = new("Renew", () => Texts.TokenAction_Renew)
    {
        NeedsProof = true,
        WireName = "renew",
        AuditCode = "token.renewed",
        IsOffered = token => token.ExpiresAt is not null && !token.PreviousLives,
        Run = (tokens, actor, handle, with, cancellation) => tokens.RenewAsync(actor, handle, with.ExpiresAt!.Value, with.Call, with.Condition, with.Ask, cancellation),
        NewKey = new(RequiresExpiration: true, TakesOverlap: false),
        Icon = Icons.Update,
        Summary = "Renew a token",
        Description = "Creates a second key, which is returned in `renewed_token`. The current key works until it expires. If it has expired "
            + "already, the new key is returned in `token`. Only tokens with an expiration can be renewed.",
    };

    /// <summary>Replaces the key. It has its own dialog.</summary>
    public static readonly TokenAction Rotate = new("Rotate", () => Texts.TokenAction_Rotate)
    {
        NeedsProof = true,
        WireName = "rotate",
        AuditCode = "token.rotated",
        Run = (tokens, actor, handle, with, cancellation) => tokens.RotateAsync(
            actor, handle, with.ExpiresAt, with.Overlap, with.Call, with.Condition, with.PerpetualReason, with.Ask, cancellation),
        NewKey = new(RequiresExpiration: false, TakesOverlap: true),
        Icon = Icons.Autorenew,
        Summary = "Rotate a token",
        Description = "Creates a new key, which is returned in `token`. All other keys stop working immediately. With an `overlap`, the current key "
            + "works for that time, and the new key is returned in `renewed_token`. Neither works longer than the key that you send.",
    };

    /// <summary>Ends the previous key. It isn't in menus, because its button is next to the keys.</summary>
    public static readonly TokenAction EndPrevious = new("End previous key", () => Texts.TokenAction_EndPrevious)
    {
        WireName = "end-previous",
        AuditCode = "token.previous_key_ended",
        IsOffered = token => token.PreviousLives,
        Run = (tokens, actor, handle, with, cancellation) => tokens.EndPreviousAsync(actor, handle, with.Condition, cancellation),
        IsDone = token => token.PreviousEndsAt is null,
        Question = new(
            () => Texts.TokenAction_EndPreviousQuestion, () => Texts.TokenAction_EndPreviousConsequence, () => Texts.TokenAction_EndPreviousButton)
        {
            IsAboutPreviousKey = true,
        },
        Done = () => Texts.TokenAction_EndPreviousDone,
        Summary = "End the previous key",
        Description = "Ends the older of two valid keys. If the token has only one valid key, nothing changes.",
    };

    /// <summary>Lets keys end earlier, for tokens whose policy has changed. It isn't in menus.</summary>
    public static readonly TokenAction Shorten = new("Shorten", () => Texts.TokenAction_Shorten)
    {
        WireName = "shorten",
        AuditCode = "token.expiration_shortened",
        Run = (tokens, actor, handle, with, cancellation) => tokens.ShortenAsync(actor, handle, with.ExpiresAt!.Value, with.Condition, cancellation),
        Icon = Icons.EventBusy,
        Summary = "",
        Description = "",
    };

    /// <summary>Changes who is responsible for many tokens. For a single token, the edit page does it.</summary>
    public static readonly TokenAction ChangeOwner = new("Change owner", () => Texts.TokenAction_ChangeOwner)
    {
        WireName = "change-owner",
        AuditCode = "token.owner_changed",
        Run = (tokens, actor, handle, with, cancellation) => tokens.ChangeOwnerAsync(actor, handle, with.Owner, with.Condition, cancellation),
        Icon = Icons.Person,
        Summary = "",
        Description = "",
    };

    /// <summary>Makes a deleted token usable again. It has its own dialog, and isn't part of the API. Also undoes a deletion.</summary>
    public static readonly TokenAction Restore = new("Restore", () => Texts.TokenAction_Restore)
    {
        NeedsProof = true,
        IsForDeleted = true,
        WireName = "restore",
        AuditCode = Audit.AuditAction.TokenRestored,
        Role = Role.Administrator,
        Run = (tokens, actor, handle, with, cancellation) => with.Former is { } former
            ? tokens.UndoDeletionAsync(actor, handle, former, with.Condition, cancellation)
            : tokens.RestoreAsync(actor, handle, with.Restoration, with.Condition, cancellation),
        Icon = Icons.RestoreFromTrash,
        Done = () => Texts.TokenAction_RestoreDone,
        Summary = "",
        Description = "",
    };

    public static readonly TokenAction Delete = new("Delete", () => Texts.TokenAction_Delete)
    {
        NeedsProof = true,
        WireName = "delete",
        AuditCode = "token.deleted",
        Role = Role.Administrator,
        Run = (tokens, actor, handle, with, cancellation) => tokens.DeleteAsync(actor, handle, with.Condition, cancellation),
        IsFinal = true,
        Undo = Restore,
        Icon = Icons.Delete,
        Question = new(() => Texts.TokenAction_DeleteQuestion, () => Texts.TokenAction_DeleteConsequence, () => Texts.TokenAction_Delete)
        {
            Descendants = new(status => status != StoredStatus.Deleted, () => new DescendantsTexts
            {
                QuestionOne = Texts.TokenAction_DeleteCreated_One,
                QuestionOther = Texts.TokenAction_DeleteCreated_Other,
                ChooseAll = Texts.TokenAction_DeleteAllCreated,
                Button = Texts.TokenAction_DeleteMany,
                DoneNone = Texts.TokenAction_DeletedNone,
                DoneAll = Texts.TokenAction_DeletedAll,
                DoneSome = Texts.TokenAction_DeletedSome,
                DoneEach = Texts.TokenAction_DeletedEach,
            }),
        },
        Done = () => Texts.TokenAction_DeleteDone,
        Summary = "Delete a token",
        Description = "Deletes a token. Its keys stop working immediately and permanently. You can repeat the request.",
    };

    /// <summary>Every action, in the order of the OpenAPI document.</summary>
    public static IReadOnlyList<TokenAction> All { get; } = [Enable, Disable, Renew, Rotate, EndPrevious, Delete];

    /// <summary>The actions in the menu of a token, in this order.</summary>
    public static IReadOnlyList<TokenAction> Menu { get; } = [Enable, Disable, Rotate, Renew, Delete, Restore];
}
