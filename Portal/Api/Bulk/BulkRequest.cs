using Portal.Api.Rql;
using Portal.Tokens;

namespace Portal.Api.Bulk;

/// <summary>A request to apply one action to many tokens, which are listed or selected by a query.</summary>
/// <param name="Ids">The handles without duplicates; null: the tokens that <paramref name="Query"/> finds.</param>
/// <param name="ExpiresAt">When the new keys expire, UTC; null: never.</param>
/// <param name="KeepsExpiration">Whether each new key expires when the current one would have.</param>
internal sealed record BulkRequest(
    TokenAction Action, IReadOnlyList<string>? Ids, RqlQuery? Query, DateTime? ExpiresAt, bool KeepsExpiration, TimeSpan? Overlap)
{
    private const int MostTokens = 1000, MostKeys = 200;

    /// <summary>The actions, sorted by wire name.</summary>
    public static IReadOnlyList<TokenAction> Actions { get; } = [.. TokenAction.All.OrderBy(action => action.WireName, StringComparer.Ordinal)];

    /// <summary>Whether the same request was sent before, with the same idempotency key.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>The maximum number of tokens. Lower if the response contains keys, because they are lost if the response is.</summary>
    public int Most => Action.MakesKey ? MostKeys : MostTokens;

    /// <returns>The request; valid only if the input has no errors.</returns>
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

    /// <returns>The action. With an error, the first action.</returns>
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
            // An empty query would select every token.
            input.Fault("query", "must contain a filter, such as eq(extension.id,EXT-001).");
        else if (query.Limit is not null || query.Offset is not null || query.Select.Count > 0)
            input.Fault("query", "can't contain limit, offset or select. Use a filter to select the tokens.");
        return query;
    }
}
