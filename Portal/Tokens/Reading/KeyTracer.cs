using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>The relation of a leaked key to the token with its handle.</summary>
public enum TracedState
{
    /// <summary>The newest key of the token.</summary>
    Current,

    /// <summary>The previous key, which still works.</summary>
    Previous,

    /// <summary>A replaced key, which is refused.</summary>
    Retired,

    /// <summary>The token exists, but never had this secret.</summary>
    WrongSecret,

    /// <summary>The secret is incomplete, so it can't be checked.</summary>
    Incomplete,

    /// <summary>The account has no token with the handle.</summary>
    NoToken,
}

/// <summary>The token of a leaked key.</summary>
/// <param name="Token">Null: the account has none with the handle.</param>
/// <param name="Actions">What the actor may do with the token; null: there is none.</param>
/// <param name="Fingerprint">The last four digits of the leaked key; null: it is incomplete.</param>
public sealed record TracedKey(string Handle, TracedState State, TokenDetails? Token, TokenActions? Actions, string? Fingerprint = null);

/// <summary>Finds the token of a key that leaked into a log, a chat or a repository.</summary>
/// <remarks>Each search is recorded in the audit log of the token, without the secret.</remarks>
public sealed partial class KeyTracer(
    IDbContextFactory<PortalDbContext> contexts, TokenReader reader, AuditLog audit, AccessControl access, TimeProvider clock, ILogger<KeyTracer> logger)
{
    private static readonly byte[] UnmatchableHash = RandomNumberGenerator.GetBytes(ApiKey.HashLength);

    /// <exception cref="AccessDeniedException">The actor may not see tokens.</exception>
    public async Task<IReadOnlyList<TracedKey>> TraceAsync(Actor actor, PastedKeys pasted, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var traced = new List<TracedKey>();
        foreach (var key in pasted.Keys)
            traced.Add(await TraceAsync(actor, key.Handle, key, cancellation));
        foreach (var handle in pasted.CutHandles)
            traced.Add(await TraceAsync(actor, handle, null, cancellation));
        return traced;
    }

    private async Task<TracedKey> TraceAsync(Actor actor, string handle, ApiKey? key, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var secrets = await context.Tokens.AsNoTracking()
            .Where(token => token.AccountId == actor.AccountId && token.Handle == handle)
            .SelectMany(token => token.Secrets)
            .OrderByDescending(secret => secret.Id)
            .Select(secret => new StoredSecret(secret.Id, secret.Hash, secret.EndsAt))
            .ToListAsync(cancellation);
        var state = key is null ? TracedState.Incomplete : Compare(key.Hash(), secrets, clock.GetUtcNow().UtcDateTime);
        var token = await reader.FindAsync(actor, handle, cancellation);
        if (token is null)
            return new TracedKey(handle, TracedState.NoToken, null, null, key?.Fingerprint);
        await RecordAsync(actor, token, state, key?.Fingerprint);
        return new TracedKey(handle, state, token, TokenActions.For(actor, token), key?.Fingerprint);
    }

    /// <summary>Compares with every secret, so that the duration reveals nothing.</summary>
    private static TracedState Compare(byte[] hash, List<StoredSecret> secrets, DateTime now)
    {
        var state = TracedState.WrongSecret;
        CryptographicOperations.FixedTimeEquals(UnmatchableHash, hash);
        for (var i = 0; i < secrets.Count; i++)
            if (CryptographicOperations.FixedTimeEquals(secrets[i].Hash, hash))
                state = i == 0 ? TracedState.Current : secrets[i].EndsAt is null || secrets[i].EndsAt > now ? TracedState.Previous : TracedState.Retired;
        return state;
    }

    /// <summary>The result matters more than the audit entry: it must be available even if the disk is full.</summary>
    private async Task RecordAsync(Actor actor, TokenDetails token, TracedState state, string? fingerprint)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            var details = new Dictionary<string, object?> { ["result"] = NameOf(state) };
            if (fingerprint is not null)
                details["fingerprint"] = fingerprint;
            audit.Add(context, actor, AuditAction.KeyTraced, token.Handle, token.Name, details);
            await context.SaveChangesAsync();
        }
        catch (Exception exception)
        {
            LogNotRecorded(exception, token.Handle, actor.Id);
        }
    }

    private static string NameOf(TracedState state) => state switch
    {
        TracedState.Current => "current",
        TracedState.Previous => "previous",
        TracedState.Retired => "retired",
        TracedState.Incomplete => "incomplete",
        _ => "wrong_secret",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit entry for tracing a key of {Handle} by {ActorId} could not be written")]
    private partial void LogNotRecorded(Exception exception, string handle, string actorId);
}
