using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Api.Idempotency;
using Portal.Authentication;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Creates responses with the current token, or with the reason why the request was refused.</summary>
internal sealed class TokenAnswers(TokenRecordReader records, AccountReader accounts, DirectReads reads, NodeLease lease, IOptions<JsonOptions> json)
{
    /// <summary>The refusal for a token that has access only because the catalog opens the path to every token.</summary>
    public static readonly Refusal OnlyReading = new(
        StatusCodes.Status403Forbidden, ErrorCodes.NotManageable,
        "Only a token that may use the module of this path can make changes here.");

    public static Refusal NotFound(string handle) =>
        new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"There is no token {handle} in your account.");

    public static Refusal Changed(string handle) => new(
        StatusCodes.Status412PreconditionFailed, ErrorCodes.Changed,
        $"The token {handle} has changed since you read it, so nothing was saved. Read it again, and then repeat your change.");

    /// <returns>Null: the change was made.</returns>
    public static Refusal? RefusalFor(TokenOutcome outcome, string handle) => outcome switch
    {
        TokenOutcome.Done => null,
        TokenOutcome.NotFound => NotFound(handle),
        TokenOutcome.Conflict or TokenOutcome.PreconditionFailed => Changed(handle),
        TokenOutcome.NeedsApproval needed => new Refusal(StatusCodes.Status403Forbidden, ErrorCodes.NotManageable, needed.Message),
        TokenOutcome.Forbidden forbidden => new Refusal(StatusCodes.Status403Forbidden, ErrorCodes.NotManageable, forbidden.Message),
        TokenOutcome.OutlivesCreator outlives => new Refusal(StatusCodes.Status403Forbidden, ErrorCodes.ExpirationTooLate, outlives.Message),
        TokenOutcome.Refused refused => new Refusal(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, refused.Message),
        TokenOutcome.Invalid invalid => new Refusal(
            StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. invalid.Faults.Select(fault => $"{NameOf(fault.Field)}: {fault.Message}")]),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.GetType().Name, "Unknown outcome."),
    };

    /// <summary>Responds with 200 and the current token, or with the refusal.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, Actor actor, string handle, TokenOutcome outcome, CancellationToken cancellation)
    {
        if (RefusalFor(outcome, handle) is { } refusal)
            return refusal;
        return await BodyAsync(context, actor, (TokenOutcome.Done)outcome, cancellation) is { } body ? TypedResults.Ok(body) : NotFound(handle);
    }

    /// <summary>Returns the token as a change left it and sets the entity tag of the response. Doesn't read the database: it may not answer any more, but the
    /// change is made.</summary>
    /// <inheritdoc cref="BodyAsync(HttpContext, Actor, string, CancellationToken)"/>
    public async Task<TokenBody?> BodyAsync(HttpContext context, Actor actor, TokenOutcome.Done done, CancellationToken cancellation) =>
        await BodyAsync(context, actor, done.Record ?? await records.FindAsync(actor, done.Handle, cancellation), done.Key, cancellation);

    /// <summary>Returns the current token and sets the entity tag of the response; null: there is no such token.</summary>
    public async Task<TokenBody?> BodyAsync(HttpContext context, Actor actor, string handle, CancellationToken cancellation) =>
        await BodyAsync(context, actor, await records.FindAsync(actor, handle, cancellation), null, cancellation);

    /// <summary>Reads the account of the caller for the response to a change. Afterwards, the database may not answer any more.</summary>
    /// <exception cref="DatabaseSilentException">The database server doesn't answer.</exception>
    public async Task LoadOwnerAsync(HttpContext context, Actor actor)
    {
        ValueTask<AccountSummary> Read(CancellationToken cancellation) => new(OwnerAsync(actor, cancellation));
        context.Features.Set(await (lease.IsShared ? reads.RunAsync(Read, context.RequestAborted) : Read(context.RequestAborted)));
    }

    private async Task<TokenBody?> BodyAsync(HttpContext context, Actor actor, TokenRecord? token, ApiKey? key, CancellationToken cancellation)
    {
        if (token is null)
            return null;
        var owner = context.Features.Get<AccountSummary>() ?? await OwnerAsync(actor, cancellation);
        context.Response.Headers.ETag = EntityTags.Of(token, owner);
        return TokenBody.Of(token, owner, key);
    }

    /// <summary>Whether the token is deleted now. Deleting a deleted token succeeds.</summary>
    /// <param name="outcome">The outcome of the deletion.</param>
    public async Task<bool> IsDeletedAsync(Actor actor, string handle, TokenOutcome outcome, CancellationToken cancellation) =>
        outcome is TokenOutcome.Done
        || (outcome is TokenOutcome.Refused && await records.FindAsync(actor, handle, cancellation) is { Status: TokenStatus.Deleted });

    /// <summary>Prepares the response to store with the change; null: the request has no idempotency key.</summary>
    /// <param name="status">The status of the response.</param>
    public async Task<IdempotentResponseToStore?> RememberAsync(HttpContext context, Actor actor, int status, CancellationToken cancellation) =>
        IdempotentRequest.Of(context) is { } call
            ? call.Remember(status, context.Features.Get<AccountSummary>() ?? await OwnerAsync(actor, cancellation), json.Value.SerializerOptions)
            : null;

    public async Task<AccountSummary> OwnerAsync(Actor actor, CancellationToken cancellation) =>
        await accounts.FindAsync(actor, cancellation) ?? throw new InvalidOperationException($"{actor.Id} belongs to no account.");

    private static string NameOf(TokenField field) => field switch
    {
        TokenField.Name => "name",
        TokenField.ExternalId => "external_id",
        TokenField.Description => "description",
        TokenField.Expiration => "expiration_date",
        TokenField.Start => "start_date",
        TokenField.Extension => "extension",
        TokenField.Permissions => "permissions",
        TokenField.Overlap => "overlap",
        TokenField.RateLimit => "rate_limit",
        TokenField.Owner => "owner",
        TokenField.PerpetualReason => "perpetual_reason",
        TokenField.Addresses => "ip_rules",
        TokenField.NoticeDays => "notice_days",
        // The contract has no field for TokenField.MayOutlive.
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };
}
