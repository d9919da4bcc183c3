using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>The maximum number of audit entries in one transaction, so that other changes don't wait for long.</summary>
    private const int NotesAtOnce = 500;

    /// <summary>The maximum time that handing out many keys waits for the audit log.</summary>
    private static readonly TimeSpan BulkAuditTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Records that new keys, which are still in memory, were handed out in a file. As in <see cref="HandOutAsync"/>, a database
    /// that doesn't work doesn't keep anyone from the only copy of a key.</summary>
    /// <param name="handles">The tokens of the keys.</param>
    public async Task HandOutAllAsync(Actor actor, IReadOnlyCollection<string> handles, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await Task.WhenAny(Task.Run(() => NoteAllAsync(actor, AuditAction.KeyDownloaded, handles), cancellation), Task.Delay(BulkAuditTimeout, cancellation));
    }

    private async Task NoteAllAsync(Actor actor, string action, IReadOnlyCollection<string> handles)
    {
        foreach (var some in handles.Chunk(NotesAtOnce))
        {
            try
            {
                await using var context = await contexts.CreateDbContextAsync();
                var names = await context.Tokens
                    .Where(token => EF.Parameter(some).Contains(token.Handle))
                    .Select(token => new { token.AccountId, token.Handle, token.Name })
                    .ToListAsync();
                // The account is compared here: with it in the condition, SQLite reads all tokens of the account.
                foreach (var token in names.Where(token => token.AccountId == actor.AccountId))
                    audit.Add(context, actor, action, token.Handle, token.Name);
                await context.SaveChangesAsync();
            }
            catch (Exception exception)
            {
                LogNotNoted(exception, action, string.Join(' ', some), actor.Id);
            }
        }
    }
}
