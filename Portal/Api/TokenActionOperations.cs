using Portal.Api.Document;
using Portal.Tokens;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>Describes the operations of <see cref="TokenActionEndpoints"/>.</summary>
internal static class TokenActionOperations
{
    /// <summary>Creates the description of an action from its declaration, with example bodies.</summary>
    public static ApiOperation For(TokenAction action)
    {
        var operation = new ApiOperation(IdOf(action.WireName), ApiTags.Extensions, action.Summary)
        {
            Description = action.Description,
            Target = ApiTarget.Token,
            IsRepeatable = action.MakesKey,
            Answer = Token(action == TokenAction.Disable ? Samples.Inactive : Samples.Token),
            Errors = [Deleted, NotManageable, NotFound],
        };
        return action == TokenAction.Renew ? OfRenew(operation) : action == TokenAction.Rotate ? OfRotate(operation) : operation;
    }

    /// <summary>Formats an operation ID as in the wire contract: <c>auth_tokens_end_previous_postEndPreviousToken</c>.</summary>
    private static string IdOf(string wireName)
    {
        var words = wireName.Split('-');
        return $"auth_tokens_{string.Join('_', words)}_post{string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}Token";
    }

    private static ApiOperation OfRenew(ApiOperation operation) => operation with
    {
        Body = new TokenRenew(Samples.Renewed.RenewedExpirationDate!.Value),
        Answer = Token(Samples.Renewed),
        Errors =
        [
            Invalid("expiration_date: is required. Send the time when the new key expires."),
            Invalid("This token already has two valid keys. End the previous key first, or rotate the token."), NotManageable, ExpirationTooLate, NotFound,
        ],
    };

    private static ApiOperation OfRotate(ApiOperation operation) => operation with
    {
        Body = new TokenRotate(Samples.Rotated.ExpirationDate),
        IsBodyOptional = true,
        Answer = Token(Samples.Rotated),
        Errors = [Invalid("expiration_date: The expiration must be in the future."), Deleted, NotManageable, ExpirationTooLate, NotFound],
    };

    public static readonly ApiOperation GetSelf = new("auth_tokens_self_retrieveToken", ApiTags.Extensions, "Read the calling token")
    {
        Description = "Returns the status, expiration, modules and rate limit of the calling token.",
        Answer = new(StatusCodes.Status200OK, "The calling token.", Samples.Self, ApiHeaders.ETag),
    };

    public static readonly ApiOperation RotateSelf = new("auth_tokens_self_rotate_postRotateToken", ApiTags.Extensions, "Rotate the calling token")
    {
        Description = "Rotates the calling token. Without an `overlap`, the key that you send stops working immediately.",
        IsRepeatable = true,
        Body = For(TokenAction.Rotate).Body,
        IsBodyOptional = true,
        Answer = For(TokenAction.Rotate).Answer,
        Errors = [For(TokenAction.Rotate).Errors[0], TokenAnswers.OnlyReading, ExpirationTooLate],
    };

    public static readonly ApiOperation EndPreviousSelf = new("auth_tokens_self_end_previous_postEndPreviousToken", ApiTags.Extensions, "End the caller's previous key")
    {
        Description = TokenAction.EndPrevious.Description,
        Answer = For(TokenAction.EndPrevious).Answer,
        Errors = [TokenAnswers.OnlyReading],
    };
}
