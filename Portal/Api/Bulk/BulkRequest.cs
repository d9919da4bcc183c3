using Portal.Api.Rql;
using Portal.Tokens;

namespace Portal.Api.Bulk;

/// <summary>One action on many tokens, as a client asks for it: named one by one, or by a query that finds them.</summary>
/// <param name="Ids">Each once; null: those that <paramref name="Query"/> finds.</param>
/// <param name="ExpiresAt">When the new keys end, UTC; null: never.</param>
/// <param name="KeepsExpiration">Each new key ends when the present one would have.</param>
internal sealed record BulkRequest(
    TokenAction Action, IReadOnlyList<string>? Ids, RqlQuery? Query, DateTime? ExpiresAt, bool KeepsExpiration, TimeSpan? Overlap)
{
    private const int MostTokens = 1000, MostKeys = 200;

    /// <summary>The actions, in the order of their names on the wire.</summary>
    public static IReadOnlyList<TokenAction> Actions { get; } = [.. TokenAction.All.OrderBy(action => action.WireName, StringComparer.Ordinal)];

    /// <summary>Whether the same call came before, under the same idempotency key.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>How many tokens one call may be about: fewer where the answer holds keys, which are lost with it.</summary>
    public int Most => Action.MakesKey ? MostKeys : MostTokens;

    /// <returns>What was read, if the input has no faults.</returns>
    public static BulkRequest Read(JsonInput input)
    {
        var action = ReadAction(input);
        var query = ReadQuery(input);
        IReadOnlyList<string>? ids = input.Has("ids") ? [.. input.Texts("ids").Distinct()] : null;
        var hasExpiration = input.Has("expiration_date");
        var order = new BulkRequest(
            action, ids, query, hasExpiration ? input.Moment("expiration_date") : null, !hasExpiration, input.Duration("overlap"));
        if (input.Has("ids") == input.Has("query"))
            input.Fault("Send either ids or query to select the tokens.");
        else if (ids?.Count == 0 && input.Refusal is null)
            input.Fault("ids", "must contain at least one token.");
        else if (ids?.Count > order.Most)
            input.Fault("ids", order.TooMany(ids.Count));
        if (action.NewKey is { RequiresExpiration: true } && order.ExpiresAt is null && input.Refusal is null)
            input.Fault("expiration_date", "is required. Send the time when the new keys expire.");
        return order;
    }

    public string TooMany(int count) => FormattableString.Invariant(
        $"{count:N0} tokens are too many for one request. The limit for this action is {Most:N0}. Split the request.");

    /// <returns>The first one, if there is a fault.</returns>
    private static TokenAction ReadAction(JsonInput input)
    {
        var name = input.Text("action");
        if (Actions.FirstOrDefault(action => action.WireName == name) is { } action)
            return action;
        if (name is not null || !input.Has("action"))
            input.Fault("action", $"must be one of {string.Join(", ", Actions.Select(known => known.WireName))}.");
        return Actions[0];
    }

    private static RqlQuery? ReadQuery(JsonInput input)
    {
        if (input.Text("query") is not { } text)
            return null;
        if (!RqlParser.TryParse(text, out var query, out var error))
            input.Fault("query", error.ToString());
        else if (query.Filter is null)
            // An empty text would mean all tokens there are.
            input.Fault("query", "must contain a filter, such as eq(extension.id,EXT-001).");
        else if (query.Limit is not null || query.Offset is not null || query.Select.Count > 0)
            input.Fault("query", "can't contain limit, offset or select. Use a filter to select the tokens.");
        return query;
    }
}
