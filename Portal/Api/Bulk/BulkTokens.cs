using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Api.Idempotency;
using Portal.Api.Rql;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api.Bulk;

/// <summary>Changes tokens one by one, each in its own transaction. Completed changes remain, even if the client disconnects or another
/// token can't be changed.</summary>
internal sealed partial class BulkTokens(
    TokenService tokens, TokenRecordReader records, TokenAnswers answers, ModuleCatalog catalog, IOptions<JsonOptions> json,
    ILogger<BulkTokens> logger)
{
    /// <summary>Determines the tokens. The results of a query are fixed before the first token is changed.</summary>
    public async Task<(Refusal? Refusal, IReadOnlyList<string> Ids)> FindAsync(Actor actor, BulkRequest order, CancellationToken cancellation)
    {
        if (order.Query is not { } query)
            return (null, order.Ids!);
        var status = records.Clock;
        var properties = TokenProperties.For(catalog, status);
        if (properties.Read(query, out var selection) is { Count: > 0 } errors)
            return (ApiList.Refuse(errors), []);
        var found = await records.ListAsync(actor, status, TokenEndpoints.Wanted(query, selection), offset: 0, order.Most, cancellation);
        return found.Total > order.Most
            ? (new Refusal(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, $"query: {order.TooMany(found.Total)}"), [])
            : (null, [.. found.Tokens.Select(token => token.Handle)]);
    }

    /// <param name="call">Stores the result of each token, so that a retry continues where the first request ended; null: stores none.</param>
    /// <exception cref="OperationCanceledException">The client has disconnected.</exception>
    public async Task<List<BulkItemBody>> RunAsync(
        HttpContext context, Actor actor, BulkRequest order, IReadOnlyList<string> ids, IdempotentRequest? call, CancellationToken cancellation)
    {
        var owner = await answers.OwnerAsync(actor, cancellation);
        actor = actor with { BulkId = Guid.CreateVersion7() };
        var results = new List<BulkItemBody>(ids.Count);
        var isComplete = await BulkLoop.ForEachAsync(
            ids,
            async id => results.Add(await DoAsync(
                actor, order, id, owner, order.Action.MakesKey ? call?.PartFor(id) : null, ConditionalChanges.Of(context), cancellation)),
            (id, exception) =>
            {
                // The keys that were already created must still reach the client.
                LogFailed(exception, order.Action, id, context.TraceIdentifier);
                results.Add(BulkItemBody.Of(id, Refusals.ForFailure(exception, context.TraceIdentifier)));
                return true;
            },
            cancellation);
        if (!isComplete)
            cancellation.ThrowIfCancellationRequested();
        return results;
    }

    private async Task<BulkItemBody> DoAsync(
        Actor actor, BulkRequest order, string id, AccountSummary owner, IdempotentRequest? part, VersionCondition? condition, CancellationToken cancellation)
    {
        if (part is not null && await RepeatAsync(actor, id, part, cancellation) is { } repeated)
            return repeated;
        try
        {
            return await DoFirstAsync(actor, order, id, owner, part, condition, cancellation);
        }
        catch (AnsweredEarlierException)
        {
            // The same request on another node came first.
            return await RepeatAsync(actor, id, part!, cancellation) ?? throw new InvalidOperationException("The response was removed.");
        }
    }

    private async Task<BulkItemBody> DoFirstAsync(
        Actor actor, BulkRequest order, string id, AccountSummary owner, IdempotentRequest? part, VersionCondition? condition, CancellationToken cancellation)
    {
        var outcome = await ActAsync(actor, order, id, part?.Remember(StatusCodes.Status200OK, owner, json.Value.SerializerOptions), condition, cancellation);
        if (order.Action == TokenAction.Delete && await answers.IsDeletedAsync(actor, id, outcome, cancellation))
            return new BulkItemBody(id, StatusCodes.Status204NoContent);
        if (TokenAnswers.RefusalFor(outcome, id) is { } refusal)
            return outcome is TokenOutcome.PreconditionFailed && order.IsRepeat && await FindDoneAsync(actor, order.Action, id, cancellation) is { } already
                ? new BulkItemBody(id, StatusCodes.Status200OK, TokenBody.Of(already, owner))
                : BulkItemBody.Of(id, refusal);
        if (part?.Answer is { } answer)
            return Of(id, answer);
        var done = (TokenOutcome.Done)outcome;
        return (done.Record ?? await records.FindAsync(actor, id, cancellation)) is { } token
            ? new BulkItemBody(id, StatusCodes.Status200OK, TokenBody.Of(token, owner, done.Key))
            : BulkItemBody.Of(id, TokenAnswers.NotFound(id));
    }

    private async Task<BulkItemBody?> RepeatAsync(Actor actor, string id, IdempotentRequest part, CancellationToken cancellation) =>
        await part.FindEarlierAsync(cancellation) is not { } earlier ? null
        : await tokens.CheckReachAsync(actor, id, cancellation) is { } beyond ? BulkItemBody.Of(id, TokenAnswers.RefusalFor(beyond, id)!)
        : Of(id, earlier);

    /// <summary>Finds the token if it already is as the action leaves it. In a retry, the first request itself has changed its version.</summary>
    private async Task<TokenRecord?> FindDoneAsync(Actor actor, TokenAction action, string id, CancellationToken cancellation) =>
        action.IsDone is { } isDone && await records.FindAsync(actor, id, cancellation) is { } token && isDone(token) ? token : null;

    private BulkItemBody Of(string id, StoredResponse answer) => new(id, answer.Status, answer.Read<TokenBody>(json.Value.SerializerOptions));

    private async Task<TokenOutcome> ActAsync(
        Actor actor, BulkRequest order, string id, IdempotentResponseToStore? call, VersionCondition? condition, CancellationToken cancellation)
    {
        var expiresAt = order.ExpiresAt;
        if (order.Action.MakesKey && order.KeepsExpiration)
        {
            if (await records.FindAsync(actor, id, cancellation) is not { } token)
                return new TokenOutcome.NotFound();
            expiresAt = token.ExpiresAt;
        }

        var arguments = new TokenActionArguments { ExpiresAt = expiresAt, Overlap = order.Overlap, Call = call, Condition = condition };
        return await order.Action.Run(tokens, actor, id, arguments, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Action} of {Handle} in a bulk request failed (request {RequestId})")]
    private partial void LogFailed(Exception exception, TokenAction action, string handle, string requestId);
}
