using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Approvals;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Creates a token with its first key.</summary>
    /// <param name="call">The response to store with the token; null: none.</param>
    /// <returns>Done with the key; Done without it if an earlier call created the token and its key can't be shown
    /// again; Invalid; Forbidden; OutlivesCreator; NeedsApproval; or Requested.</returns>
    public async Task<TokenOutcome> CreateAsync(
        Actor actor, NewToken wanted, IdempotentResponseToStore? call = null, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Operator, cancellation);
        if (wanted.Addresses.Count > 0)
            actor.Require(Role.Administrator);
        return await AskOrRunAsync(actor, wanted.Ask, turn => CreateInTurnAsync(actor, wanted, call, null, turn), cancellation);
    }

    /// <param name="grant">The consent to a request; null: the actor acts for themselves.</param>
    private async Task<TokenOutcome> CreateInTurnAsync(
        Actor actor, NewToken wanted, IdempotentResponseToStore? call, ApprovalGrant? grant, CancellationToken cancellation)
    {
        var maker = grant?.Requester ?? actor;
        for (var attempt = 1; ; attempt++)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var policy = await PolicyStore.ReadAsync(context, actor.AccountId, wanted.ExtensionId, cancellation);
            // The rules are stored after the token, because they contain its ID. Tokens are counted while nobody else can create one.
            await using var transaction = wanted.Addresses.Count > 0 || policy.Counts ? await context.Database.BeginTransactionAsync(cancellation) : null;
            if (await CheckCallerAsync(context, actor, cancellation) is { } ended)
                return ended;
            await IdempotentResponses.EnsureFirstAsync(context, call, cancellation);
            if (await FindCreatedAsync(context, actor, wanted.CreationId, cancellation) is { } earlier)
                return grant is null ? earlier : new TokenOutcome.Refused(Texts.Approval_CreatedAlready);
            var now = Now;
            var limit = await FindLimitAsync(context, actor, cancellation);
            if (wanted.EndsWithCreator)
                wanted = wanted with { ExpiresAt = Earliest(limit?.Latest, policy.LatestEnd(now)) };
            var faults = await CheckAsync(context, actor, wanted, now, cancellation);
            if (faults.Count > 0)
                // The name may be taken by an earlier call with the same creation ID.
                return await FindCreatedAsync(context, actor, wanted.CreationId, cancellation) ?? new TokenOutcome.Invalid(faults);

            if (CheckGrantable(actor, GrantFor(catalog.FindExtension(wanted.ExtensionId), wanted.Modules)) is { } beyond)
                return new TokenOutcome.Forbidden(beyond);
            if (limit?.Check(wanted.ExpiresAt) is { } outlives)
                return outlives;

            var key = ApiKey.Create(await FreeHandleAsync(context, cancellation));
            var ownerId = await FindOwnerAsync(context, maker, wanted.Owner, cancellation);
            var broken = await CheckPolicyAsync(context, actor, policy, wanted, ownerId, now, cancellation);
            if (broken.Count > 0)
                return new TokenOutcome.Invalid(broken);
            if (await CheckApprovalAsync(
                context, actor, ApprovalRules.OfNew(policy, catalog, wanted, now), grant, key.Handle,
                () => new ApprovalDraft(AuditAction.TokenCreated, null, wanted.Name.Trim(), wanted.ExtensionId, ApprovalContent.Of(wanted, wanted.Owner ?? OwnerChoice.OfUser(actor.Id))),
                cancellation) is { } against)
                return against;
            var token = Build(maker, wanted, key, now);
            token.OwnerId = ownerId;
            context.Tokens.Add(token);
            Remember(context, call, token, key, now);
            audit.Add(context, actor, AuditAction.TokenCreated, token.Handle, token.Name, DetailsOf(token, key));
            try
            {
                await CommitNewAsync(context, actor, token, wanted.Addresses, cancellation);
                return new TokenOutcome.Done(key.Handle, key) { Record = records.Describe(token) };
            }
            catch (DbUpdateException exception) when (attempt < Attempts && (exception is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(exception)))
            {
                // The name, the handle or the creation ID was taken in the meantime, or the request was decided. Check again to find out which.
            }
        }
    }

    private static Dictionary<string, object?> DetailsOf(Token token, ApiKey key)
    {
        var details = new Dictionary<string, object?>
        {
            ["extension"] = token.ExtensionId, ["expires"] = token.ExpiresAt, ["modules"] = ModulesOf(token), ["fingerprint"] = key.Fingerprint,
        };
        if (token.StartsAt is { } start)
            details["starts"] = start;
        if (token.PerpetualReason is not null)
            details["perpetual_reason"] = token.PerpetualReason;
        if (token.NoticeDays is not null)
            details["notice_days"] = token.NoticeDays;
        if (token.RateLimit is not null)
            details["rate_limit"] = RateLimitChoice.Of(token).Code;
        return details;
    }

    private async Task CommitNewAsync(PortalDbContext context, Actor actor, Token token, IReadOnlyList<string> addresses, CancellationToken cancellation)
    {
        if (addresses.Count == 0)
        {
            await CommitAsync(context, token.Handle, cancellation);
            return;
        }

        try
        {
            await context.SaveChangesAsync(cancellation);
            addressRules.Add(context, actor, token, addresses);
            await context.SaveChangesAsync(cancellation);
            await context.Database.CommitTransactionAsync(cancellation);
        }
        finally
        {
            // Even if the commit failed, see CommitAsync.
            addressRules.Forget(actor.AccountId);
            changes.Publish(token.Handle);
        }
    }

    /// <summary>The result of an earlier call with the same creation ID. It includes the key as long as the token still
    /// has only its first key. Later, viewing the key is a separate audit event.</summary>
    private async Task<TokenOutcome?> FindCreatedAsync(PortalDbContext context, Actor actor, Guid creationId, CancellationToken cancellation)
    {
        var created = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.CreationId == creationId)
            .Select(token => new { token.Id, token.Handle, token.Status })
            .SingleOrDefaultAsync(cancellation);
        if (created is null)
            return null;
        var secrets = await context.NewestSecretsOf(created.Id).AsNoTracking().ToListAsync(cancellation);
        var isShown = created.Status != StoredStatus.Deleted && options.Value.Reveal == RevealPolicy.Always;
        return new TokenOutcome.Done(
            created.Handle,
            isShown && secrets is [{ Protected: { } only } secret] && !(secret.EndsAt <= Now) ? protector.Unprotect(created.Handle, only) : null)
        { WasCreatedEarlier = true };
    }

    private async Task<List<Fault>> CheckAsync(PortalDbContext context, Actor actor, NewToken wanted, DateTime now, CancellationToken cancellation)
    {
        var faults = CheckTexts(wanted.Name, wanted.ExternalId, wanted.Description);
        if (faults.Count == 0 && await IsNameTakenAsync(context, actor.AccountId, wanted.Name, null, cancellation))
            faults.Add(new Fault(TokenField.Name, TokenRules.NameInUse(wanted.Name.Trim())));
        if (TokenRules.CheckExpiration(wanted.ExpiresAt, now) is { } expiration)
            faults.Add(new Fault(TokenField.Expiration, expiration));
        else if (TokenRules.CheckStart(wanted.StartsAt, wanted.ExpiresAt, now) is { } start)
            faults.Add(new Fault(TokenField.Start, start));
        var extension = catalog.FindExtension(wanted.ExtensionId);
        if (extension is null)
            faults.Add(new Fault(TokenField.Extension, Texts.TokenRules_ExtensionGone));
        else if (extension.Permissions == PermissionRule.Ask && CheckModules(wanted.Modules, wanted.ModulesFollow) is { } modules)
            faults.Add(new Fault(TokenField.Permissions, modules));
        if (wanted.RateLimit.Limit is { } limit && TokenRules.CheckRateLimit(limit) is { } rate)
            faults.Add(new Fault(TokenField.RateLimit, rate));
        if (wanted.Owner is { } owner && await TokenOwnerStore.CheckAsync(context, actor.AccountId, owner, cancellation) is { } ownerFault)
            faults.Add(new Fault(TokenField.Owner, ownerFault));
        if (TokenRules.CheckPerpetualReason(wanted.PerpetualReason) is { } reason)
            faults.Add(new Fault(TokenField.PerpetualReason, reason));
        if (TokenRules.CheckContact(wanted.Contact) is { } contact)
            faults.Add(new Fault(TokenField.Contact, contact));
        if (NoticeDays.Check(wanted.NoticeDays) is { } days)
            faults.Add(new Fault(TokenField.NoticeDays, days));
        if (await NewTokenRules.CheckAsync(context, actor.AccountId, wanted.Addresses, cancellation) is { } addresses)
            faults.Add(new Fault(TokenField.Addresses, addresses));
        return faults;
    }

    private static List<Fault> CheckTexts(string? name, string? externalId, string? description)
    {
        var faults = new List<Fault>();
        if (TokenRules.CheckName(name) is { } nameFault)
            faults.Add(new Fault(TokenField.Name, nameFault));
        if (TokenRules.CheckExternalId(externalId) is { } externalIdFault)
            faults.Add(new Fault(TokenField.ExternalId, externalIdFault));
        if (TokenRules.CheckDescription(description) is { } descriptionFault)
            faults.Add(new Fault(TokenField.Description, descriptionFault));
        return faults;
    }

    private Token Build(Actor actor, NewToken wanted, ApiKey key, DateTime now)
    {
        var extension = catalog.FindExtension(wanted.ExtensionId)!;
        var token = new Token
        {
            AccountId = actor.AccountId,
            Handle = key.Handle,
            CreationId = wanted.CreationId,
            Name = wanted.Name.Trim(),
            NameKey = TokenRules.NameKey(wanted.Name),
            SearchText = TokenRules.SearchText(key.Handle, wanted.Name, wanted.ExternalId, wanted.Description),
            ExternalId = TextRules.Clean(wanted.ExternalId),
            Description = TextRules.CleanLines(wanted.Description),
            ExtensionId = extension.Id,
            ExtensionName = extension.Name,
            Contact = TextRules.Clean(wanted.Contact),
            Status = wanted.StartsAt is null ? StoredStatus.Active : StoredStatus.Pending,
            StartsAt = wanted.StartsAt,
            RateLimit = wanted.RateLimit.Store(),
            ExpiresAt = wanted.ExpiresAt,
            NoticeDays = wanted.NoticeDays is null ? null : NoticeDays.Read(wanted.NoticeDays),
            PerpetualReason = wanted.ExpiresAt is null ? TextRules.CleanLines(wanted.PerpetualReason) : null,
            CreatedAt = now,
            CreatedByKind = actor.Kind switch { ActorKind.Token => CreatorKind.Token, ActorKind.System => CreatorKind.System, _ => CreatorKind.User },
            CreatedById = actor.Id,
            CreatedByName = actor.Name,
            UpdatedAt = now,
            UpdatedById = actor.Id,
            UpdatedByName = actor.Name,
            Version = Guid.CreateVersion7(),
        };
        token.Secrets.Add(NewSecret(key, now, wanted.ExpiresAt));
        Grant(token, GrantFor(extension, wanted.Modules), actor, now);
        return token;
    }

    private TokenSecret NewSecret(ApiKey key, DateTime now, DateTime? expiresAt) => new()
    {
        Hash = key.Hash(),
        Fingerprint = key.Fingerprint,
        Protected = options.Value.Reveal == RevealPolicy.Always ? protector.Protect(key) : null,
        CreatedAt = now,
        ExpiresAt = expiresAt,
        EndsAt = expiresAt,
    };
}
