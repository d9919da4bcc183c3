using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.SecondFactor;

/// <summary>What users see of their second factor.</summary>
/// <param name="Since">When it was set up, in UTC; null: it isn't.</param>
/// <param name="RecoveryCodes">The number of unused recovery codes.</param>
/// <param name="HasPasskey">Whether a passkey is a second factor, too.</param>
public sealed record SecondFactorState(DateTime? Since, int RecoveryCodes, bool HasPasskey);

/// <summary>The key for the authenticator app, which is shown only during the setup.</summary>
/// <param name="Uri">For the QR code.</param>
public sealed record SecondFactorKey(string Key, string Uri)
{
    /// <summary>Omits the key, which must not appear in logs.</summary>
    public override string ToString() => nameof(SecondFactorKey);
}

/// <summary>Sets up and removes the second factor of the actor. <see cref="SecondFactorVerifier"/> checks codes.</summary>
public sealed class SecondFactorService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, OneTimePasswords passwords, SecondFactorPolicy policy, AuditLog audit,
    TimeProvider clock)
{
    public const int RecoveryCodeCount = 10;

    /// <summary>Without letters and digits that look alike: 50 bits.</summary>
    private const string Characters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int CodeLength = 10;

    public async Task<SecondFactorState> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var since = await context.UserSecondFactors.Where(factor => factor.UserId == actor.Id).Select(factor => factor.ConfirmedAt).SingleOrDefaultAsync(cancellation);
        return new SecondFactorState(since, await context.RecoveryCodes.CountAsync(code => code.UserId == actor.Id, cancellation), await SecondFactorPolicy.HasPasskeyAsync(context, actor.Id, cancellation));
    }

    /// <summary>Creates a key. Portal asks for codes only after <see cref="ConfirmAsync"/>.</summary>
    /// <returns>Null: a second factor is already set up.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<SecondFactorKey?> BeginAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnProofAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var factor = await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == actor.Id, token);
                if (factor?.ConfirmedAt is not null)
                    return null;
                var key = OneTimePasswords.CreateKey();
                var encrypted = passwords.Protect(actor.Id, key);
                if (factor is null)
                    context.UserSecondFactors.Add(new UserSecondFactor { UserId = actor.Id, ProtectedKey = encrypted });
                else
                    factor.ProtectedKey = encrypted;
                var email = await context.Users.Where(user => user.Id == actor.Id).Select(user => user.Email).SingleAsync(token);
                await context.SaveChangesAsync(token);
                return new SecondFactorKey(OneTimePasswords.Write(key), OneTimePasswords.UriOf(key, email ?? actor.Name));
            },
            cancellation);
    }

    /// <summary>Completes the setup with a code of the app.</summary>
    /// <returns>The recovery codes, which are shown only now; null: the code is wrong.</returns>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(Actor actor, string? code, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        return await writes.RunAsync<IReadOnlyList<string>?>(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var factor = await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == actor.Id, token);
                if (factor is not { ConfirmedAt: null } || passwords.Unprotect(actor.Id, factor.ProtectedKey) is not { } key
                    || passwords.FindStep(key, SecondFactorVerifier.Clean(code)) is not { } step)
                    return null;
                (factor.ConfirmedAt, factor.LastStep) = (clock.GetUtcNow().UtcDateTime, step);
                await EndOtherSessionsAsync(context, actor, token);
                var codes = await ReplaceCodesAsync(context, actor.Id, token);
                audit.Add(context, actor, AuditAction.SecondFactorAdded, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
                return codes;
            },
            cancellation);
    }

    /// <summary>Replaces the recovery codes.</summary>
    /// <returns>The new codes; null: there is no second factor.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<IReadOnlyList<string>?> RenewCodesAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return await writes.RunAsync<IReadOnlyList<string>?>(
            async token =>
            {
                await access.RequireOwnProofAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (!await SecondFactorPolicy.HasAnyAsync(context, actor.Id, token))
                    return null;
                var codes = await ReplaceCodesAsync(context, actor.Id, token);
                audit.Add(context, actor, AuditAction.RecoveryCodesRenewed, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
                return codes;
            },
            cancellation);
    }

    /// <summary>Removes the authenticator app, and the recovery codes unless there is a passkey.</summary>
    /// <returns>The error message; null: removed, or there was none.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<string?> RemoveAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnProofAsync(actor, cancellation);
        return await writes.RunAsync<string?>(
            async token =>
            {
                await access.RequireOwnProofAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == actor.Id, token) is not { } factor)
                    return null;
                if (!await SecondFactorPolicy.HasPasskeyAsync(context, actor.Id, token))
                {
                    if (policy.IsRequiredFor(actor.Role))
                        return Texts.SecondFactor_Required;
                    context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == actor.Id).ToListAsync(token));
                }

                context.UserSecondFactors.Remove(factor);
                audit.Add(context, actor, AuditAction.SecondFactorRemoved, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
                return null;
            },
            cancellation);
    }

    /// <summary>Marks all second factors of a user for removal: the app, the recovery codes and the passkeys, which are often on the same device. The
    /// caller saves.</summary>
    /// <returns>The number of passkeys; null: there is no second factor.</returns>
    internal static async Task<int?> RemoveAllAsync(PortalDbContext context, PortalUser user, CancellationToken cancellation)
    {
        var apps = await context.UserSecondFactors.Where(factor => factor.UserId == user.Id).ToListAsync(cancellation);
        var passkeys = await context.UserPasskeys.Where(passkey => passkey.UserId == user.Id).ToListAsync(cancellation);
        if (apps.Count + passkeys.Count == 0)
            return null;
        context.UserSecondFactors.RemoveRange(apps);
        context.UserPasskeys.RemoveRange(passkeys);
        context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == user.Id).ToListAsync(cancellation));
        user.SecondFactorDueAt = null;
        return passkeys.Count;
    }

    /// <summary>If the actor has no second factor yet: ends their other sessions, and creates the recovery codes. The caller adds the factor and saves.</summary>
    /// <returns>The codes, which are shown only now; null: there was a second factor.</returns>
    internal static async Task<IReadOnlyList<string>?> BeginFirstFactorAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (await SecondFactorPolicy.HasAnyAsync(context, actor.Id, cancellation))
            return null;
        await EndOtherSessionsAsync(context, actor, cancellation);
        return await ReplaceCodesAsync(context, actor.Id, cancellation);
    }

    /// <summary>Someone may have signed in with the password alone.</summary>
    private static async Task EndOtherSessionsAsync(PortalDbContext context, Actor actor, CancellationToken cancellation) =>
        context.UserSessions.RemoveRange(await context.UserSessions.Where(session => session.UserId == actor.Id && session.Id != actor.SessionId).ToListAsync(cancellation));

    internal static byte[] HashOf(string userId, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{userId}:{code}"));

    private static async Task<IReadOnlyList<string>> ReplaceCodesAsync(PortalDbContext context, string userId, CancellationToken cancellation)
    {
        context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == userId).ToListAsync(cancellation));
        string[] codes = [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => RandomNumberGenerator.GetString(Characters, CodeLength))];
        context.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { UserId = userId, Hash = HashOf(userId, code) }));
        return [.. codes.Select(code => $"{code[..5]}-{code[5..]}")];
    }
}
