using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Api.Rql;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>Lists, reads, creates, edits and deletes the account's tokens. Other actions are in
/// <see cref="TokenActionEndpoints"/>.</summary>
internal static class TokenEndpoints
{
    private const int UpdateAttempts = 5;

    /// <summary>The properties that change with time.</summary>
    private static readonly string[] TimeDependentProperties = ["status", "expiration_date"];

    /// <summary>Lists tokens. Deleted tokens are omitted unless the query filters by status.</summary>
    public static async Task<IResult> ListAsync(
        HttpContext context, ApiActor caller, TokenRecordReader records, TokenAnswers answers, ModuleCatalog catalog, CancellationToken cancellation)
    {
        if (ApiList.Read(context.Request, out var query) is { } refusal)
            return refusal;
        var status = records.Clock;
        var properties = TokenProperties.For(catalog, status);
        RqlError[] errors = [.. properties.Read(query, out var selection), .. SelectedFields.Check<TokenBody, Token>(context, query, properties)];
        if (errors.Length > 0)
            return ApiList.Refuse(errors);
        var page = await records.ListAsync(caller, status, Wanted(query, selection), query.Window.Offset, query.Window.Limit, cancellation);
        var owner = await answers.OwnerAsync(caller, cancellation);
        return ApiList.Page(context, query, page.Tokens.Select(token => TokenBody.Of(token, owner)), page.Total);
    }

    /// <summary>Returns a token, even if it is deleted.</summary>
    public static async Task<IResult> GetAsync(
        string pk, HttpContext context, ApiActor caller, TokenAnswers answers, CancellationToken cancellation) =>
        await answers.BodyAsync(context, caller, pk, cancellation) is { } body ? TypedResults.Ok(body) : TokenAnswers.NotFound(pk);

    /// <summary>Creates a token and returns it with its key.</summary>
    public static async Task<IResult> CreateAsync(
        HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, ModuleCatalog catalog, CancellationToken cancellation)
    {
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var wanted = TokenInput.ReadNew(input, caller, catalog);
        if (input.Refusal is { } faults)
            return faults;
        var call = await answers.RememberAsync(context, caller, StatusCodes.Status201Created, cancellation);
        var outcome = await tokens.CreateAsync(caller, wanted, call, cancellation);
        if (outcome is not TokenOutcome.Done done)
            return TokenAnswers.RefusalFor(outcome, "")!;
        var body = await answers.BodyAsync(context, caller, done, cancellation);
        return TypedResults.Created($"{context.Request.PathBase}{ApiKeyMiddleware.BasePath}{ManagementPaths.Tokens}/{done.Handle}", body);
    }

    /// <summary>Changes the name, external ID or description. Omitted fields are unchanged.</summary>
    public static async Task<IResult> UpdateAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers,
        CancellationToken cancellation)
    {
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var change = TokenInput.ReadChange(input);
        if (input.Refusal is { } faults)
            return faults;
        for (var attempt = 1; ; attempt++)
        {
            if (await records.FindAsync(caller, pk, cancellation) is not { } token)
                return TokenAnswers.NotFound(pk);
            if (ConditionalChanges.Of(context)?.Allows(token.Version) == false)
                return TokenAnswers.Changed(pk);
            var outcome = await tokens.EditAsync(caller, pk, change(token), token.Version, cancellation);
            // Someone else changed the token in the meantime. Apply the change to the new version, unless the client sent a precondition.
            if (outcome is not TokenOutcome.Conflict || attempt == UpdateAttempts)
                return Described(await answers.AnswerAsync(context, caller, pk, outcome, cancellation));
        }
    }

    /// <summary>Converts the token to the body whose description is never null.</summary>
    private static IResult Described(IResult answer) =>
        answer is Ok<TokenBody> { Value: { } token } ? TypedResults.Ok(new ChangedTokenBody(token)) : answer;

    /// <summary>Deletes a token permanently.</summary>
    public static async Task<IResult> DeleteAsync(
        string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenAnswers answers, CancellationToken cancellation)
    {
        var outcome = await tokens.DeleteAsync(caller, pk, ConditionalChanges.Of(context), cancellation);
        return await answers.IsDeletedAsync(caller, pk, outcome, cancellation) ? TypedResults.NoContent() : TokenAnswers.RefusalFor(outcome, pk)!;
    }

    /// <summary>The tokens that the query selects. Deleted tokens are included only if the query filters by status.</summary>
    internal static TokenSelection Wanted(RqlQuery query, RqlSelection<Token> selection) => new(
        DeletedOf(query.Filter), selection.OrderFilter, selection.Filter, selection.Order, RqlKey.Of(query.Filter),
        OrderKey: string.Join(' ', query.Ordering.Select(name => $"{name.Name} {name.Negative}")),
        ChangesWithTime: TimeDependentProperties.Any(name => IsAbout(name, query.Filter) || query.Ordering.Any(order => order.Name == name)));

    /// <summary>Whether a filter by status can match deleted tokens. The database skips rows that it can't match.</summary>
    private static DeletedTokens DeletedOf(RqlNode? filter) => filter switch
    {
        RqlComparison { Property: "status", Operator: RqlOperator.Eq or RqlOperator.In, Values: var values } =>
            values.All(value => value.Text == "deleted") ? DeletedTokens.Only
            : values.Any(value => value.Text == "deleted") ? DeletedTokens.Included
            : DeletedTokens.LeftOut,
        RqlLogical { IsOr: false, Operands: var parts } => parts.Where(part => IsAbout("status", part)).Select(DeletedOf).ToList() switch
        {
            [] => DeletedTokens.LeftOut,
            [var only] => only,
            _ => DeletedTokens.Included,
        },
        _ => IsAbout("status", filter) ? DeletedTokens.Included : DeletedTokens.LeftOut,
    };

    /// <summary>Whether a filter uses a property.</summary>
    private static bool IsAbout(string property, RqlNode? filter) => filter switch
    {
        RqlComparison comparison => comparison.Property == property,
        RqlLogical logical => logical.Operands.Any(part => IsAbout(property, part)),
        RqlNot not => IsAbout(property, not.Operand),
        _ => false,
    };
}
