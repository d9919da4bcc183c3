using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Approvals;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Changes the properties of a token, but not its keys. The start can be changed as long as the token is pending.</summary>
    /// <param name="version">The version that the caller read. If the token has changed since then, nothing is saved.</param>
    /// <returns>Done, NotFound, Refused (deleted), Forbidden, Invalid, NeedsApproval, Requested, or Conflict with the current token.</returns>
    public async Task<TokenOutcome> EditAsync(Actor actor, string handle, TokenEdit edit, Guid version, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        return await AskOrRunAsync(actor, edit.Ask, turn => EditInTurnAsync(actor, handle, _ => edit, version, null, turn), cancellation);
    }

    /// <param name="editOf">The edit of the token as it is now.</param>
    /// <param name="version">Null: any.</param>
    /// <param name="grant">The consent to a request; null: the actor acts for themselves.</param>
    private async Task<TokenOutcome> EditInTurnAsync(Actor actor, string handle, Func<Token, TokenEdit> editOf, Guid? version, ApprovalGrant? grant, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await CheckCallerAsync(context, actor, cancellation) is { } ended)
            return ended;
        var token = await context.Tokens
            .Include(token => token.Permissions)
            .SingleOrDefaultAsync(token => token.AccountId == actor.AccountId && token.Handle == handle, cancellation);
        if (token is null)
            return new TokenOutcome.NotFound();
        if (token.Status == StoredStatus.Deleted)
            return DeletedMeanwhile();
        if (Reach(actor, token) is { } beyond)
            return beyond;
        if (version is { } seen && token.Version != seen)
            return await ConflictAsync(actor, handle, cancellation);
        var edit = editOf(token);
        if (edit.MayOutlive is { } mayOutlive && mayOutlive != token.MayOutlive && !(actor.Kind == ActorKind.User && actor.May(Role.Administrator)))
            return new TokenOutcome.Forbidden(Texts.TokenService_OutliveNeedsAdministrator);

        var faults = await CheckAsync(context, actor, token, edit, cancellation);
        if (faults.Count > 0)
            return new TokenOutcome.Invalid(faults);
        var (need, name, before) = (await FindNeedAsync(context, token, edit.Modules, cancellation), token.Name, ChoiceOf(token));
        var changed = await ApplyAsync(context, token, edit, actor, cancellation);
        if (changed.ContainsKey(EditedField.Owner) && await CheckNewOwnerAsync(context, actor, token, cancellation) is { } full)
            return full;
        // Someone may have made the change before its request is approved. The request no longer waits then.
        if (changed.Count == 0 && grant is null)
            return new TokenOutcome.Done(handle) { IsUnchanged = true };
        if (await CheckApprovalAsync(
            context, actor, need, grant, handle,
            () => new ApprovalDraft(AuditAction.TokenUpdated, handle, name, token.ExtensionId, ApprovalContent.Of(edit, before, changed.Keys)), cancellation) is { } against)
            return against;
        if (changed.Count > 0)
        {
            Stamp(token, actor, Now);
            audit.Add(context, actor, AuditAction.TokenUpdated, handle, token.Name, changed);
        }

        try
        {
            await CommitAsync(context, handle, cancellation);
            return new TokenOutcome.Done(handle);
        }
        catch (DbUpdateException exception) when (DatabaseErrors.IsNameTaken(exception))
        {
            return new TokenOutcome.Invalid([new Fault(TokenField.Name, TokenRules.NameInUse(edit.Name.Trim()))]);
        }
        catch (DbUpdateException exception) when (exception is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(exception))
        {
            // Another change came first, for example of the same module.
            return await ConflictAsync(actor, handle, cancellation);
        }
    }

    /// <returns>The old and new values of the changed fields.</returns>
    private async Task<Dictionary<string, object?>> ApplyAsync(PortalDbContext context, Token token, TokenEdit edit, Actor actor, CancellationToken cancellation)
    {
        var owner = edit.Owner is { } choice ? await ChangeOwnerAsync(context, token, choice, cancellation) : null;
        var changed = Apply(token, edit, actor, Now);
        if (owner is not null)
            changed[EditedField.Owner] = owner;
        return changed;
    }

    private async Task<TokenOutcome> ConflictAsync(Actor actor, string handle, CancellationToken cancellation) =>
        await reader.FindAsync(actor, handle, cancellation) switch
        {
            null => new TokenOutcome.NotFound(),
            { StoredStatus: StoredStatus.Deleted } => DeletedMeanwhile(),
            var current => new TokenOutcome.Conflict(current),
        };

    private static TokenOutcome.Refused DeletedMeanwhile() => new(Texts.TokenService_DeletedMeanwhile);

    private async Task<List<Fault>> CheckAsync(PortalDbContext context, Actor actor, Token token, TokenEdit edit, CancellationToken cancellation)
    {
        var faults = CheckTexts(edit.Name, edit.ExternalId, edit.Description);
        if (faults.Count == 0 && await IsNameTakenAsync(context, actor.AccountId, edit.Name, token.Handle, cancellation))
            faults.Add(new Fault(TokenField.Name, TokenRules.NameInUse(edit.Name.Trim())));
        if (PermissionsAreEditable(token.ExtensionId) && !IsPresent(token, edit.Modules) && CheckModules(edit.Modules) is { } modules)
            faults.Add(new Fault(TokenField.Permissions, modules));
        else if (PermissionsAreEditable(token.ExtensionId) && CheckGrantable(actor, edit.Modules) is { } beyond)
            faults.Add(new Fault(TokenField.Permissions, beyond));
        if (edit.RateLimit?.Limit is { } limit && TokenRules.CheckRateLimit(limit) is { } rate)
            faults.Add(new Fault(TokenField.RateLimit, rate));
        if (edit.Owner is { } owner && await TokenOwnerStore.CheckAsync(context, actor.AccountId, owner, cancellation) is { } ownerFault)
            faults.Add(new Fault(TokenField.Owner, ownerFault));
        if (edit.PerpetualReason is { } reason && token.ExpiresAt is null && await CheckReasonAsync(context, actor, token, reason, cancellation) is { } reasonFault)
            faults.Add(reasonFault);
        if (TokenRules.CheckContact(edit.Contact) is { } contact)
            faults.Add(new Fault(TokenField.Contact, contact));
        if (NoticeDays.Check(edit.NoticeDays) is { } days)
            faults.Add(new Fault(TokenField.NoticeDays, days));
        if (edit.StartsAt is { } start && start != token.StartsAt && CheckNewStart(token, start, Now) is { } startFault)
            faults.Add(new Fault(TokenField.Start, startFault));
        return faults;
    }

    /// <summary>From its start, a token accepts keys, even if the start isn't recorded yet.</summary>
    private static string? CheckNewStart(Token token, DateTime start, DateTime now) =>
        token.StartsAt is { } planned && planned > now ? TokenRules.CheckStart(start, token.ExpiresAt, now) : Texts.TokenService_NotPending;

    /// <summary>Whether the token already has these modules. Then there is nothing to check, even if the catalog no longer contains
    /// them.</summary>
    private bool IsPresent(Token token, ModuleChoice choice) =>
        choice.AllModules == token.AllModules &&
        (choice.AllModules || token.Permissions
            .Where(permission => catalog.FindModule(permission.ModuleId) is not null)
            .Select(permission => permission.ModuleId)
            .ToHashSet()
            .SetEquals(choice.ModuleIds));

    /// <summary>Whether users select the modules. They don't if the extension determines them.</summary>
    public bool PermissionsAreEditable(string extensionId) =>
        catalog.FindExtension(extensionId) is not { Permissions: PermissionRule.All or PermissionRule.Fixed };

    /// <returns>The old and new values of the changed fields.</returns>
    private Dictionary<string, object?> Apply(Token token, TokenEdit edit, Actor actor, DateTime now)
    {
        var before = Snapshot(token);
        (token.Name, token.NameKey) = (edit.Name.Trim(), TokenRules.NameKey(edit.Name));
        (token.ExternalId, token.Description) = (TextRules.Clean(edit.ExternalId), TextRules.CleanLines(edit.Description));
        token.SearchText = TokenRules.SearchText(token.Handle, edit.Name, edit.ExternalId, edit.Description);
        if (PermissionsAreEditable(token.ExtensionId))
            Grant(token, edit.Modules, actor, now);
        if (edit.RateLimit is { } limit)
            token.RateLimit = limit.Store();
        if (edit.Contact is { } contact)
            token.Contact = TextRules.Clean(contact);
        if (edit.PerpetualReason is { } reason && token.ExpiresAt is null)
            token.PerpetualReason = TextRules.CleanLines(reason);
        if (edit.NoticeDays is { } days)
            token.NoticeDays = NoticeDays.Read(days);
        token.MayOutlive = edit.MayOutlive ?? token.MayOutlive;
        token.StartsAt = edit.StartsAt ?? token.StartsAt;
        return Snapshot(token)
            .Where(field => before[field.Key] != field.Value)
            .ToDictionary(field => field.Key, field => (object?)new { before = before[field.Key], after = field.Value });
    }

    private static Dictionary<string, string?> Snapshot(Token token) => new()
    {
        [EditedField.Name] = token.Name,
        [EditedField.ExternalId] = token.ExternalId,
        [EditedField.Description] = token.Description,
        [EditedField.Contact] = token.Contact,
        [EditedField.PerpetualReason] = token.PerpetualReason,
        [EditedField.NoticeDays] = token.NoticeDays,
        [EditedField.Modules] = ModulesOf(token),
        [EditedField.RateLimit] = RateLimitChoice.Of(token).Code,
        [EditedField.MayOutlive] = token.MayOutlive ? "yes" : "no",
        [EditedField.Start] = token.StartsAt?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private static ModuleChoice ChoiceOf(Token token) => new(token.AllModules, [.. token.Permissions.Select(permission => permission.ModuleId)]);

    private static string ModulesOf(Token token) =>
        token.AllModules ? "all" : string.Join(' ', token.Permissions.Select(permission => permission.ModuleId).Order(StringComparer.Ordinal));
}
