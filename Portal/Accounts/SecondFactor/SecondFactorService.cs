using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.SecondFactor;

/// <summary>What users see of their second factor.</summary>
/// <param name="Since">When it was set up, in UTC; null: it isn't.</param>
/// <param name="RecoveryCodes">The number of unused recovery codes.</param>
public sealed record SecondFactorState(DateTime? Since, int RecoveryCodes);

/// <summary>The key for the authenticator app, which is shown only during the setup.</summary>
/// <param name="Uri">For the QR code.</param>
public sealed record SecondFactorKey(string Key, string Uri)
{
    /// <summary>Omits the key, which must not appear in logs.</summary>
    public override string ToString() => nameof(SecondFactorKey);
}

/// <summary>Sets up and removes the second factor of the actor. <see cref="SecondFactorVerifier"/> checks codes.</summary>
public sealed class SecondFactorService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, OneTimePasswords passwords, AuditLog audit, TimeProvider clock)
{
    public const int RecoveryCodeCount = 10;

    /// <summary>Without letters and digits that look alike: 50 bits.</summary>
    private const string Characters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int CodeLength = 10;

    public async Task<SecondFactorState> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var since = await context.UserSecondFactors.Where(factor => factor.UserId == actor.Id).Select(factor => factor.ConfirmedAt).SingleOrDefaultAsync(cancellation);
        return new SecondFactorState(since, since is null ? 0 : await context.RecoveryCodes.CountAsync(code => code.UserId == actor.Id, cancellation));
    }

    /// <summary>Creates a key. Portal asks for codes only after <see cref="ConfirmAsync"/>.</summary>
    /// <returns>Null: a second factor is already set up.</returns>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task<SecondFactorKey?> BeginAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Viewer, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireProofAsync(actor, Role.Viewer, token);
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
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        return await writes.RunAsync<IReadOnlyList<string>?>(
            async token =>
            {
                await access.RequireAsync(actor, Role.Viewer, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var factor = await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == actor.Id, token);
                if (factor is not { ConfirmedAt: null } || passwords.Unprotect(actor.Id, factor.ProtectedKey) is not { } key
                    || passwords.FindStep(key, SecondFactorVerifier.Clean(code)) is not { } step)
                    return null;
                (factor.ConfirmedAt, factor.LastStep) = (clock.GetUtcNow().UtcDateTime, step);
                var codes = await ReplaceCodesAsync(context, actor.Id, token);
                // Someone may have signed in with the password alone.
                context.UserSessions.RemoveRange(await context.UserSessions.Where(session => session.UserId == actor.Id && session.Id != actor.SessionId).ToListAsync(token));
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
        await access.RequireProofAsync(actor, Role.Viewer, cancellation);
        return await writes.RunAsync<IReadOnlyList<string>?>(
            async token =>
            {
                await access.RequireProofAsync(actor, Role.Viewer, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (!await context.UserSecondFactors.AnyAsync(factor => factor.UserId == actor.Id && factor.ConfirmedAt != null, token))
                    return null;
                var codes = await ReplaceCodesAsync(context, actor.Id, token);
                audit.Add(context, actor, AuditAction.RecoveryCodesRenewed, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
                return codes;
            },
            cancellation);
    }

    /// <summary>Removes the second factor and the recovery codes.</summary>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async Task RemoveAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Viewer, cancellation);
        await writes.RunAsync(
            async token =>
            {
                await access.RequireProofAsync(actor, Role.Viewer, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (!await RemoveAsync(context, actor.Id, token))
                    return;
                audit.Add(context, actor, AuditAction.SecondFactorRemoved, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
            },
            cancellation);
    }

    /// <summary>Marks the second factor of a user for removal. The caller saves.</summary>
    /// <returns>False: there is none.</returns>
    internal static async Task<bool> RemoveAsync(PortalDbContext context, string userId, CancellationToken cancellation)
    {
        if (await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == userId, cancellation) is not { } factor)
            return false;
        context.UserSecondFactors.Remove(factor);
        context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == userId).ToListAsync(cancellation));
        return true;
    }

    internal static byte[] HashOf(string userId, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{userId}:{code}"));

    private static async Task<IReadOnlyList<string>> ReplaceCodesAsync(PortalDbContext context, string userId, CancellationToken cancellation)
    {
        context.RecoveryCodes.RemoveRange(await context.RecoveryCodes.Where(code => code.UserId == userId).ToListAsync(cancellation));
        string[] codes = [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => RandomNumberGenerator.GetString(Characters, CodeLength))];
        context.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { UserId = userId, Hash = HashOf(userId, code) }));
        return [.. codes.Select(code => $"{code[..5]}-{code[5..]}")];
    }
}
