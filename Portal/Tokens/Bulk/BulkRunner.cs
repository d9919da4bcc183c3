using Portal.Access;
using Portal.Data;

namespace Portal.Tokens.Bulk;

/// <summary>An action for many tokens, with its input.</summary>
/// <param name="ExpiresAt">For Renew and Shorten: when all keys expire, UTC. A rotated key expires when the key that it replaces would have.</param>
/// <param name="Overlap">For Rotate: how long the current keys keep working; null: they end immediately.</param>
public sealed record BulkOrder(TokenAction Action, DateTime? ExpiresAt = null, TimeSpan? Overlap = null)
{
    /// <summary>For Change owner.</summary>
    public OwnerChoice Owner { get; init; } = OwnerChoice.None;

    /// <summary>For the undo of a deletion: the state of each token before it, by handle. It contains copies of keys, so it stays in memory.</summary>
    internal IReadOnlyDictionary<string, FormerToken>? Former { get; init; }

    /// <summary>Omits the copies, which must not appear in logs.</summary>
    public override string ToString() => Action.Name;
}

/// <summary>The result for one token. Either the outcome or the failure is set.</summary>
public sealed record BulkResult(BulkToken Token, TokenOutcome? Outcome, Exception? Failure = null);

/// <summary>How a run ended.</summary>
/// <param name="IsComplete">Whether every token had its turn. If not, the rest is unchanged.</param>
/// <param name="Cause">Why Portal ended it early; null: it didn't.</param>
public sealed record BulkEnd(bool IsComplete, Exception? Cause = null);

/// <summary>Applies an action to tokens one after the other, each in its own transaction with its audit entry. Completed changes remain, however the
/// run ends.</summary>
public sealed partial class BulkRunner(TokenService tokens, ILogger<BulkRunner> logger)
{
    /// <summary>After this many unexpected failures in a row, the rest would fail too, and each may wait for the database for long.</summary>
    internal const int MostFailuresInARow = 5;

    /// <param name="actor">All audit entries of the run get its <see cref="Actor.BulkId"/>.</param>
    /// <param name="wanted">Only tokens to which the action applies. Each is changed only if it still has the version that was read.</param>
    /// <param name="report">Called after each token.</param>
    /// <param name="stop">Stops the run after the current token.</param>
    public async Task<BulkEnd> RunAsync(
        Actor actor, BulkOrder order, IReadOnlyList<BulkToken> wanted, Action<BulkResult> report, CancellationToken stop)
    {
        var failures = 0;
        Exception? cause = null;
        try
        {
            var isComplete = await BulkLoop.ForEachAsync(
                wanted,
                async token =>
                {
                    // Without a token: stopping doesn't cancel a change whose result must be known.
                    report(new BulkResult(token, await order.Action.Run(tokens, actor, token.Handle, ArgumentsFor(order, token), CancellationToken.None)));
                    failures = 0;
                },
                (token, exception) =>
                {
                    LogFailed(exception, order.Action, token.Handle, actor.BulkId);
                    report(new BulkResult(token, null, exception));
                    cause = ++failures < MostFailuresInARow ? null : exception;
                    return cause is null;
                },
                stop);
            return new BulkEnd(isComplete, cause);
        }
        catch (Exception exception) when (exception is OperationCanceledException or AccessDeniedException or SessionEndedException or ProofNeededException)
        {
            return new BulkEnd(false, exception);
        }
    }

    private static TokenActionArguments ArgumentsFor(BulkOrder order, BulkToken token) => new()
    {
        ExpiresAt = order.Action == TokenAction.Rotate ? token.ExpiresAt : order.ExpiresAt,
        Overlap = order.Overlap,
        Owner = order.Owner,
        Former = order.Former?.GetValueOrDefault(token.Handle),
        Condition = new VersionCondition(new HashSet<Guid> { token.Version }, new HashSet<Guid>(), OnlyIfAbsent: false),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Action} of {Handle} failed in the bulk action {BulkId}")]
    private partial void LogFailed(Exception exception, TokenAction action, string handle, Guid? bulkId);
}
