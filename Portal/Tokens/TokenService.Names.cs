using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Tokens;

/// <content>The names and handles that are free.</content>
public sealed partial class TokenService
{
    private static Task<bool> IsNameTakenAsync(
        PortalDbContext context, string accountId, string name, string? exceptHandle, CancellationToken cancellation)
    {
        var key = TokenRules.NameKey(name);
        return context.Tokens.AnyAsync(
            token => token.AccountId == accountId && token.NameKey == key && token.DeletedAt == null && token.Handle != exceptHandle,
            cancellation);
    }

    private static async Task<string> FreeHandleAsync(PortalDbContext context, CancellationToken cancellation)
    {
        while (true)
        {
            var handle = ApiKey.CreateHandle();
            if (await IsFreeAsync(context, handle, cancellation))
                return handle;
        }
    }

    /// <summary>Whether no token has the handle, and none had it: the audit log still names those that were removed.</summary>
    internal static async Task<bool> IsFreeAsync(PortalDbContext context, string handle, CancellationToken cancellation) =>
        !await context.Tokens.AnyAsync(token => token.Handle == handle, cancellation)
        && !await context.Accounts.AnyAsync(account => context.AuditEntries.Any(entry => entry.AccountId == account.Id && entry.TargetId == handle), cancellation);
}
