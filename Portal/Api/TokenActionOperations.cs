using Portal.Api.Document;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>What the API's document says of <see cref="TokenActionEndpoints"/>.</summary>
internal static class TokenActionOperations
{
    public static readonly ApiOperation Activate = new("auth_tokens_activate_postActivateToken", ApiTags.Extensions, "Enable a token")
    {
        Description = "In force for the next request.",
        Target = ApiTarget.Token,
        Answer = Token(Samples.Token),
        Errors = [Deleted, BeyondReach, NotFound],
    };

    public static readonly ApiOperation Deactivate = new("auth_tokens_deactivate_postDeactivateToken", ApiTags.Extensions, "Disable a token")
    {
        Description = "In force for the next request, which is answered `401 AUTH_002`.",
        Target = ApiTarget.Token,
        Answer = Token(Samples.Inactive),
        Errors = [Deleted, BeyondReach, NotFound],
    };

    public static readonly ApiOperation Renew = new("auth_tokens_renew_postRenewToken", ApiTags.Extensions, "Renew a token")
    {
        Description = "Makes a second key, in `renewed_token`; the present one lives until its own end. If that has come already, the new key is "
            + "in `token`. Only for a token with an expiration.",
        Target = ApiTarget.Token,
        IsRepeatable = true,
        Body = new TokenRenew(Samples.Renewed.RenewedExpirationDate!.Value),
        Answer = Token(Samples.Renewed),
        Errors =
        [
            Invalid("expiration_date: is required: say when the new key ends."),
            Invalid("This token already has two valid keys. End the previous key first, or rotate the token."), BeyondReach, Outlives, NotFound,
        ],
    };

    public static readonly ApiOperation Rotate = new("auth_tokens_rotate_postRotateToken", ApiTags.Extensions, "Rotate a token")
    {
        Description = "Makes a new key, in `token`, in the place of all others, which end at once. With an `overlap` the present one lives on for so long, "
            + "and the new one is in `renewed_token`. Neither lives longer than the key that you call with.",
        Target = ApiTarget.Token,
        IsRepeatable = true,
        Body = new TokenRotate(Samples.Rotated.ExpirationDate),
        IsBodyOptional = true,
        Answer = Token(Samples.Rotated),
        Errors = [Invalid("expiration_date: The expiration must be in the future."), Deleted, BeyondReach, Outlives, NotFound],
    };

    public static readonly ApiOperation EndPrevious = new("auth_tokens_end_previous_postEndPreviousToken", ApiTags.Extensions, "End the previous key")
    {
        Description = "While two keys of the token live, the one that was there first ends now. If only one does, nothing changes.",
        Target = ApiTarget.Token,
        Answer = Token(Samples.Token),
        Errors = [Deleted, BeyondReach, NotFound],
    };

    public static readonly ApiOperation GetSelf = new("auth_tokens_self_retrieveToken", ApiTags.Extensions, "Read the calling token")
    {
        Description = "Its status, expiration, modules and rate limit.",
        Answer = new(StatusCodes.Status200OK, "The calling token.", Samples.Self, ApiHeaders.ETag),
    };

    public static readonly ApiOperation RotateSelf = new("auth_tokens_self_rotate_postRotateToken", ApiTags.Extensions, "Rotate the calling token")
    {
        Description = "As `rotate`, for the calling token. Without an `overlap` the key that it called with ends at once.",
        IsRepeatable = true,
        Body = Rotate.Body,
        IsBodyOptional = true,
        Answer = Rotate.Answer,
        Errors = [Rotate.Errors[0], TokenAnswers.OnlyReading, Outlives],
    };

    public static readonly ApiOperation EndPreviousSelf = new("auth_tokens_self_end_previous_postEndPreviousToken", ApiTags.Extensions, "End the caller's previous key")
    {
        Description = EndPrevious.Description,
        Answer = EndPrevious.Answer,
        Errors = [TokenAnswers.OnlyReading],
    };
}
