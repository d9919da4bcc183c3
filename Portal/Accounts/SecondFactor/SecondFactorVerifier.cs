using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Accounts.SecondFactor;

/// <summary>Checks the codes that people enter when they sign in. Each code works once.</summary>
public sealed class SecondFactorVerifier(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, OneTimePasswords passwords)
{
    /// <summary>The maximum length of the text that a person can enter.</summary>
    public const int LongestInput = 20;

    /// <summary>Whether Portal asks the user for a second factor: a code, or a passkey instead of it.</summary>
    internal async Task<bool> IsSetUpAsync(string userId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await SecondFactorPolicy.HasAnyAsync(context, userId, cancellation);
    }

    /// <summary>Checks a code of the app or a recovery code, and uses it up.</summary>
    internal Task<bool> VerifyAsync(string userId, string? code, CancellationToken cancellation) => writes.RunAsync(
        async token =>
        {
            await using var context = await contexts.CreateDbContextAsync(token);
            var entered = Clean(code);
            var factor = await context.UserSecondFactors.SingleOrDefaultAsync(factor => factor.UserId == userId && factor.ConfirmedAt != null, token);
            if (entered.Length is 0 or > LongestInput)
                return false;
            if (factor is not null && passwords.Unprotect(userId, factor.ProtectedKey) is { } key && passwords.FindStep(key, entered) is { } step)
            {
                if (step <= factor.LastStep)
                    return false;
                factor.LastStep = step;
            }
            else
            {
                var hash = SecondFactorService.HashOf(userId, entered.ToLowerInvariant());
                var codes = await context.RecoveryCodes.Where(recovery => recovery.UserId == userId).ToListAsync(token);
                if (codes.Find(recovery => CryptographicOperations.FixedTimeEquals(recovery.Hash, hash)) is not { } used)
                    return false;
                context.RecoveryCodes.Remove(used);
            }

            await context.SaveChangesAsync(token);
            return true;
        },
        cancellation);

    /// <summary>Removes what people and apps write between the characters.</summary>
    internal static string Clean(string? code) => string.Concat((code ?? "").Where(char.IsAsciiLetterOrDigit));
}
