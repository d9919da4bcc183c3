using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>What a key that was found somewhere is to the token that its handle names.</summary>
public enum TracedState
{
    /// <summary>The newest key of the token.</summary>
    Current,

    /// <summary>The one before it, which still works.</summary>
    Previous,

    /// <summary>Replaced, and refused since.</summary>
    Retired,

    /// <summary>The token exists, but never had this secret.</summary>
    WrongSecret,

    /// <summary>Only a part of the secret is there, so nobody can tell.</summary>
    Incomplete,

    /// <summary>The account has no token with the handle.</summary>
    NoToken,
}

/// <summary>Whose key was found.</summary>
/// <param name="Token">Null: the account has none with the handle.</param>
/// <param name="Actions">What the asker may do about it; null: there is no token.</param>
public sealed record TracedKey(string Handle, TracedState State, TokenDetails? Token, TokenActions? Actions);

/// <summary>Tells whose a key is that somebody found in a log, a chat or a repository.</summary>
/// <remarks>That a key was found outside is an event: it is written to the audit of its token, without the secret.</remarks>
public sealed partial class KeyTracer(
    IDbContextFactory<PortalDbContext> contexts, TokenReader reader, AuditLog audit, AccessControl access, TimeProvider clock, ILogger<KeyTracer> logger)
{
    private static readonly byte[] HashOfNobody = RandomNumberGenerator.GetBytes(ApiKey.HashLength);

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
            return new TracedKey(handle, TracedState.NoToken, null, null);
        await RecordAsync(actor, token, state);
        return new TracedKey(handle, state, token, TokenActions.For(actor, token));
    }

    /// <summary>Compares with every secret, so that the time tells nothing.</summary>
    private static TracedState Compare(byte[] hash, List<StoredSecret> secrets, DateTime now)
    {
        var state = TracedState.WrongSecret;
        CryptographicOperations.FixedTimeEquals(HashOfNobody, hash);
        for (var i = 0; i < secrets.Count; i++)
            if (CryptographicOperations.FixedTimeEquals(secrets[i].Hash, hash))
                state = i == 0 ? TracedState.Current : secrets[i].EndsAt is null || secrets[i].EndsAt > now ? TracedState.Previous : TracedState.Retired;
        return state;
    }

    /// <summary>The answer matters more than the entry: whoever has found a key must learn whose it is while the disk is full, too.</summary>
    private async Task RecordAsync(Actor actor, TokenDetails token, TracedState state)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            audit.Add(context, actor, AuditAction.KeyTraced, token.Handle, token.Name, new Dictionary<string, object?> { ["result"] = NameOf(state) });
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
