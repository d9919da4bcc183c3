using Portal.Api.Document;
using Portal.Api.Rql;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Describes the operations of <see cref="TokenEndpoints"/>.</summary>
internal static class TokenOperations
{
    public static readonly ApiOperation List = new("auth_tokens_list_listTokens", ApiTags.Extensions, "List tokens")
    {
        Description = "Lists the account's tokens. Without an `ordering`, the oldest comes first. Deleted tokens are listed only if the query "
            + "filters by `status`.",
        Filters = services => TokenProperties.For(
            services.GetRequiredService<ModuleCatalog>(), services.GetRequiredService<TokenRecordReader>().Clock).Facts,
        Answer = new(StatusCodes.Status200OK, "One page of tokens.", (TokenBody[])[Samples.Token], ApiHeaders.ContentRange),
        Errors = [ApiList.Refuse(new RqlError(1, "There is no property \"owner.id\" to filter by. Use one of …"))],
    };

    public static readonly ApiOperation Get = new("auth_tokens_detail_retrieveToken", ApiTags.Extensions, "Read a token")
    {
        Description = "Also returns a deleted token.",
        Target = ApiTarget.Token,
        Answer = Token(Samples.Token),
        Errors = [NotFound],
    };

    public static readonly ApiOperation Create = new("auth_tokens_list_createTokenWrite", ApiTags.Extensions, "Create a token")
    {
        Description = "The response contains the key in `token`. It is never returned again. The key can't expire later than the key that you send.",
        IsRepeatable = true,
        Creates = true,
        Body = new TokenWrite(
            Samples.Token.Name, new ExtensionChoice(Samples.ExtensionId), Samples.Token.ExternalId, Samples.Token.Description,
            ExpirationDate: Samples.Token.ExpirationDate, Permissions: [new PermissionWrite(Object: new ModuleChoiceWrite(Samples.ModuleId))]),
        Answer = new(StatusCodes.Status201Created, "The token, with its key.", Samples.NewToken, ApiHeaders.ETag, ApiHeaders.Location),
        Errors = [Invalid("name: Enter a name.", "extension: is required, with the id or the name of an extension."), CannotGrant, ExpirationTooLate],
    };

    public static readonly ApiOperation Update = new("auth_tokens_detail_updateTokenUpdate", ApiTags.Extensions, "Change a token")
    {
        Method = HttpMethods.Put,
        Description = "Changes the name, the external ID, the description, the days of notice and the start of a pending token. Fields that you don't send stay unchanged.",
        Target = ApiTarget.Token,
        Body = new TokenUpdate(Samples.Token.Name, Samples.Token.ExternalId, Samples.Token.Description),
        Answer = Token(new ChangedTokenBody(Samples.Token)),
        Errors =
        [
            Invalid(TokenInput.NothingToChange), Deleted, NotManageable, NotFound,
        ],
    };

    public static readonly ApiOperation Patch = Update with { Id = "auth_tokens_detail_partialUpdateTokenUpdate", Method = HttpMethods.Patch };

    public static readonly ApiOperation Delete = new("auth_tokens_detail_destroyToken", ApiTags.Extensions, TokenAction.Delete.Summary)
    {
        Description = TokenAction.Delete.Description,
        Target = ApiTarget.Token,
        Answer = new(StatusCodes.Status204NoContent, "The token is deleted.", null),
        Errors = [NotManageable, NotFound],
    };

    public static Refusal NotFound => TokenAnswers.NotFound(Samples.Handle);

    public static Refusal NotManageable => new(
        StatusCodes.Status403Forbidden, ErrorCodes.NotManageable,
        $"The token {Samples.Handle} may use modules that {Samples.NewHandle} may not: {Samples.ModuleId}. Only a token that has them too can change it.");

    public static Refusal CannotGrant => new(
        StatusCodes.Status403Forbidden, ErrorCodes.NotManageable,
        $"The token {Samples.NewHandle} does not have these modules itself, so it can't grant them: {Samples.ModuleId}.");

    public static Refusal ExpirationTooLate => TokenAnswers.RefusalFor(
        new ExpirationLimit(Samples.Handle, Samples.Token.ExpirationDate!.Value.UtcDateTime).Check(null)!, Samples.Handle)!;

    /// <summary>The refusal to change a deleted token.</summary>
    public static Refusal Deleted => Invalid("This token was deleted. It can be viewed, but no longer changed.");

    public static ApiAnswer Token(TokenBody example) => new(StatusCodes.Status200OK, "The current token.", example, ApiHeaders.ETag);

    public static Refusal Invalid(params string[] errors) => new(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, errors);
}
