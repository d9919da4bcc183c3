using System.Text;
using Microsoft.AspNetCore.Mvc;
using Portal.Api.Rql;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Lists, grants and removes the modules of a token. For a token with all modules, every module is listed.</summary>
internal static class TokenPermissionEndpoints
{
    public static async Task<IResult> ListAsync(
        [FromRoute(Name = "token_pk")] string pk, HttpContext context, ApiActor caller, TokenRecordReader records, CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, pk, cancellation) is not { } token)
            return TokenAnswers.NotFound(pk);
        var answer = ApiList.Answer(context, token.Grants, CatalogProperties.Permissions, PermissionBody.Of);
        if (answer is not Refusal)
            context.Response.Headers.ETag = EntityTags.Of(token, Encoding.UTF8.GetBytes(string.Join(' ', token.Grants.Select(grant => grant.ModuleId))));
        return answer;
    }

    /// <summary>Grants a module. An existing grant is unchanged.</summary>
    public static async Task<IResult> MergeAsync(
        [FromRoute(Name = "token_pk")] string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, ModuleCatalog catalog,
        CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, pk, cancellation) is null)
            return TokenAnswers.NotFound(pk);
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        var moduleId = TokenInput.ReadModule(input, catalog);
        if (input.Refusal is { } faults)
            return faults;
        var outcome = await tokens.GrantAsync(caller, pk, moduleId!, ConditionalChanges.Of(context), cancellation);
        return TokenAnswers.RefusalFor(outcome, pk) is { } refusal
            ? refusal
            : TypedResults.Created((string?)null, new PermissionMergeBody(moduleId!, new IdBody(moduleId!)));
    }

    /// <summary>Removes the module in the body; without a body, the modules that the query finds, or all without a query.</summary>
    public static async Task<IResult> RemoveAsync(
        [FromRoute(Name = "token_pk")] string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, ModuleCatalog catalog,
        CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, pk, cancellation) is not { } token)
            return TokenAnswers.NotFound(pk);
        var input = await JsonInput.ReadAsync(context.Request, cancellation);
        List<string> moduleIds = [];
        if (input.IsEmpty)
        {
            if (Choose(context.Request, token, out moduleIds) is { } refusal)
                return refusal;
        }
        else if (TokenInput.ReadModule(input, catalog) is { } moduleId)
        {
            moduleIds = [moduleId];
        }

        if (input.Refusal is { } faults)
            return faults;
        var outcome = await tokens.RevokeAsync(caller, pk, moduleIds, ConditionalChanges.Of(context), cancellation);
        return TokenAnswers.RefusalFor(outcome, pk) is { } refused ? refused : TypedResults.NoContent();
    }

    private static Refusal? Choose(HttpRequest request, TokenRecord token, out List<string> moduleIds)
    {
        moduleIds = [];
        if (ApiList.Read(request, out var query) is { } refusal)
            return refusal;
        if (query.Limit is not null || query.Offset is not null)
            return new Refusal(
                StatusCodes.Status400BadRequest, ErrorCodes.Invalid, "limit and offset can't say which permissions to remove; filter by id.");
        if (CatalogProperties.Permissions.Apply(token.Grants.AsQueryable(), query, out var found) is { Count: > 0 } errors)
            return ApiList.Refuse(errors);
        moduleIds = [.. found.Select(grant => grant.ModuleId)];
        return null;
    }
}
