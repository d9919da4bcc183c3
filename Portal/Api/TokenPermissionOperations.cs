using Portal.Api.Document;
using Portal.Api.Rql;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>What the API's document says of <see cref="TokenPermissionEndpoints"/>.</summary>
internal static class TokenPermissionOperations
{
    public static readonly ApiOperation List = new(
        "auth_token_permissions_list_listTokenPermissions", ApiTags.Extensions, "List a token's permissions")
    {
        Description = "The modules that it may use; all modules are listed as every module.",
        Target = ApiTarget.Token,
        Filters = _ => CatalogProperties.Permissions.Facts,
        Answer = new(StatusCodes.Status200OK, "The permissions in the window.", Samples.Permissions, ApiHeaders.ContentRange),
        Errors = [NotFound],
    };

    public static readonly ApiOperation Merge = new(
        "auth_token_permissions_list_createPermissionMerge", ApiTags.Extensions, "Add a permission")
    {
        Description = "One that is there already stays as it is.",
        Target = ApiTarget.Token,
        Body = new PermissionWrite(Object: new ModuleChoiceWrite(Samples.ModuleId)),
        Answer = new(StatusCodes.Status201Created, "The permission.", new PermissionMergeBody(Samples.ModuleId, new IdBody(Samples.ModuleId))),
        Errors = [Invalid("object.id: There is no module with this id."), Deleted, CannotGrant, NotFound],
    };

    public static readonly ApiOperation Remove = new(
        "auth_token_permissions_list_destroyPermissionMerge", ApiTags.Extensions, "Remove permissions")
    {
        Description = "The one that the body names; without a body those that the query finds, `?in(id,(MD-0002,MD-0003))`. **Without either, all.**",
        Target = ApiTarget.Token,
        Filters = List.Filters,
        Body = Merge.Body,
        IsBodyOptional = true,
        Answer = new(StatusCodes.Status204NoContent, "They are removed, or were not there.", null),
        Errors = [Merge.Errors[0], Deleted, BeyondReach, NotFound],
    };
}
