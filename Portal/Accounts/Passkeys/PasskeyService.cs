using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Passkeys;

/// <summary>A passkey of the actor.</summary>
/// <param name="CreatedAt">UTC.</param>
/// <param name="IsSynced">Whether it is stored with a provider that copies it to other devices; false: it stays on one device.</param>
public sealed record PasskeyEntry(string Id, string Name, DateTime CreatedAt, bool IsSynced);

/// <summary>The outcome of adding a passkey.</summary>
/// <param name="Fault">Why it wasn't added; null: it was.</param>
/// <param name="RecoveryCodes">The codes that come with the first second factor, which are shown only now; null: none.</param>
public sealed record PasskeyAddition(string? Fault, IReadOnlyList<string>? RecoveryCodes = null)
{
    /// <summary>Omits the codes, which must not appear in logs.</summary>
    public override string ToString() => nameof(PasskeyAddition);
}

/// <summary>Lists, adds, renames and removes the passkeys of the actor.</summary>
public sealed class PasskeyService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, PasskeyCeremonies ceremonies, SecondFactorPolicy policy,
    AuditLog audit, TimeProvider clock)
{
    public const int MostPasskeys = 20;
    public const int LongestName = 64;

    /// <summary>Lists the actor's passkeys, oldest first.</summary>
    public async Task<IReadOnlyList<PasskeyEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var passkeys = await context.UserPasskeys.AsNoTracking().Where(passkey => passkey.UserId == actor.Id).ToListAsync(cancellation);
        return
        [
            .. passkeys.OrderBy(passkey => passkey.Data.CreatedAt).Select(passkey => new PasskeyEntry(
                Base64Url.EncodeToString(passkey.CredentialId), passkey.Data.Name ?? "", passkey.Data.CreatedAt.UtcDateTime, passkey.Data.IsBackedUp)),
        ];
    }

    /// <summary>Proposes a name for a new passkey: the browser in which it is created.</summary>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<string> ProposeNameAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var browser = BrowserName.Describe(
            await context.UserSessions.Where(session => session.Id == actor.SessionId).Select(session => session.Browser).SingleOrDefaultAsync(cancellation));
        return browser.Length > LongestName ? browser[..LongestName] : browser;
    }

    /// <summary>Asks the browser for a new passkey.</summary>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<PasskeyRequest> BeginAsync(Actor actor, PasskeySite site, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == actor.Id, cancellation);
        return await ceremonies.BeginCreationAsync(HolderOf(actor), user, site);
    }

    /// <returns>The error message; null: the name is valid.</returns>
    public static string? CheckName(string name) =>
        name.Length == 0 ? Texts.Passkeys_NameMissing : TextRules.Check(name, Texts.Passkeys_Name, LongestName);

    /// <summary>Stores the passkey that the browser created.</summary>
    public async Task<PasskeyAddition> AddAsync(Actor actor, string name, PasskeyAnswer answer, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var wanted = name.Trim();
        if (CheckName(wanted) is { } fault)
            return new PasskeyAddition(fault);
        var (created, outcome) = await ceremonies.CompleteCreationAsync(HolderOf(actor), answer);
        if (created is null)
            return new PasskeyAddition(outcome == PasskeyOutcome.Expired ? Texts.Passkeys_Expired : Texts.Passkeys_NotCreated);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (await context.UserPasskeys.CountAsync(passkey => passkey.UserId == actor.Id, token) >= MostPasskeys)
                    return new PasskeyAddition(Texts.Passkeys_TooMany.With(MostPasskeys));
                if (await context.UserPasskeys.AnyAsync(passkey => passkey.CredentialId == created.CredentialId, token))
                    return new PasskeyAddition(Texts.Passkeys_Exists);
                var codes = await SecondFactorService.BeginFirstFactorAsync(context, actor, token);
                context.UserPasskeys.Add(EntityOf(actor.Id, wanted, created));
                audit.Add(context, actor, AuditAction.PasskeyAdded, actor.Id, actor.Name, new Dictionary<string, object?> { ["passkey"] = wanted });
                await context.SaveChangesAsync(token);
                return new PasskeyAddition(null, codes);
            },
            cancellation);
    }

    /// <returns>The error message; null: renamed, or the passkey no longer exists.</returns>
    public async Task<string?> RenameAsync(Actor actor, string id, string name, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var wanted = name.Trim();
        if (CheckName(wanted) is { } fault)
            return fault;
        return await ChangeAsync(actor, id, () => access.RequireOwnAsync(actor, cancellation), (context, passkey, _) =>
        {
            if (passkey.Data.Name != wanted)
                audit.Add(context, actor, AuditAction.PasskeyRenamed, actor.Id, actor.Name, new Dictionary<string, object?> { ["passkey"] = new { from = passkey.Data.Name, to = wanted } });
            passkey.Data.Name = wanted;
            return Task.FromResult<string?>(null);
        }, cancellation);
    }

    /// <summary>Removes a passkey, which is refused from then on.</summary>
    /// <returns>The error message; null: removed, or it no longer exists.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<string?> RemoveAsync(Actor actor, string id, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return await ChangeAsync(actor, id, () => access.RequireOwnProofAsync(actor, cancellation), async (context, passkey, token) =>
        {
            if (await context.UserPasskeys.CountAsync(other => other.UserId == actor.Id, token) == 1)
            {
                if (!await context.Users.AnyAsync(user => user.Id == actor.Id && user.PasswordHash != null, token)
                    && !await context.UserLogins.AnyAsync(login => login.UserId == actor.Id, token))
                    return Texts.Passkeys_LastSignIn;
                if (!await SecondFactorPolicy.HasAppAsync(context, actor.Id, token))
                {
                    if (policy.IsRequiredFor(actor.Role))
                        return Texts.SecondFactor_Required;
                    context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == actor.Id).ToListAsync(token));
                }
            }

            context.UserPasskeys.Remove(passkey);
            audit.Add(context, actor, AuditAction.PasskeyRemoved, actor.Id, actor.Name, new Dictionary<string, object?> { ["passkey"] = passkey.Data.Name });
            return null;
        }, cancellation);
    }

    private async Task<string?> ChangeAsync(
        Actor actor, string id, Func<ValueTask> require, Func<PortalDbContext, IdentityUserPasskey<string>, CancellationToken, Task<string?>> change,
        CancellationToken cancellation)
    {
        if (!Base64Url.IsValid(id))
            return null;
        var credential = Base64Url.DecodeFromChars(id);
        return await writes.RunAsync(
            async token =>
            {
                await require();
                await using var context = await contexts.CreateDbContextAsync(token);
                if (await context.UserPasskeys.SingleOrDefaultAsync(passkey => passkey.CredentialId == credential && passkey.UserId == actor.Id, token) is not { } passkey)
                    return null;
                if (await change(context, passkey, token) is { } fault)
                    return fault;
                await context.SaveChangesAsync(token);
                return null;
            },
            cancellation);
    }

    /// <summary>A passkey that is asked for in one session can't be added in another.</summary>
    internal static string HolderOf(Actor actor) => $"{actor.Id}/{actor.SessionId}";

    private IdentityUserPasskey<string> EntityOf(string userId, string name, UserPasskeyInfo passkey) => new()
    {
        UserId = userId,
        CredentialId = passkey.CredentialId,
        Data = new IdentityPasskeyData
        {
            Name = name, PublicKey = passkey.PublicKey, CreatedAt = clock.GetUtcNow(), SignCount = passkey.SignCount, Transports = passkey.Transports,
            IsUserVerified = passkey.IsUserVerified, IsBackupEligible = passkey.IsBackupEligible, IsBackedUp = passkey.IsBackedUp,
            AttestationObject = passkey.AttestationObject, ClientDataJson = passkey.ClientDataJson,
        },
    };
}
