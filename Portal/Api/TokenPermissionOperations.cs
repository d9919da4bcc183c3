using Portal.Api.Document;
using Portal.Api.Rql;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>Describes the operations of <see cref="TokenPermissionEndpoints"/>.</summary>
internal static class TokenPermissionOperations
{
    public static readonly ApiOperation List = new(
        "auth_token_permissions_list_listTokenPermissions", ApiTags.Extensions, "List a token's permissions")
    {
        Description = "Lists the modules that the token may use. A token with all modules lists every module.",
        Target = ApiTarget.Token,
        Filters = _ => CatalogProperties.Permissions.Facts,
        Answer = new(StatusCodes.Status200OK, "One page of permissions.", Samples.Permissions, ApiHeaders.ContentRange),
        Errors = [NotFound],
    };

    public static readonly ApiOperation Merge = new(
        "auth_token_permissions_list_createPermissionMerge", ApiTags.Extensions, "Add a permission")
    {
        Description = "Allows the token to use a module. If it may use the module already, nothing changes.",
        Target = ApiTarget.Token,
        Body = new PermissionWrite(Object: new ModuleChoiceWrite(Samples.ModuleId)),
        Answer = new(StatusCodes.Status201Created, "The permission.", new PermissionMergeBody(Samples.ModuleId, new IdBody(Samples.ModuleId))),
        Errors = [Invalid("object.id: There is no module with this id."), Deleted, CannotGrant, NotFound],
    };

    public static readonly ApiOperation Remove = new(
        "auth_token_permissions_list_destroyPermissionMerge", ApiTags.Extensions, "Remove permissions")
    {
        Description = "Removes the permission that the body names, or without a body those that match the query, such as `?in(id,(MD-0002,MD-0003))`. **Without a body and a query, removes all permissions.**",
        Target = ApiTarget.Token,
        Filters = List.Filters,
        Body = Merge.Body,
        IsBodyOptional = true,
        Answer = new(StatusCodes.Status204NoContent, "The permissions are removed, or didn't exist.", null),
        Errors = [Merge.Errors[0], Deleted, NotManageable, NotFound],
    };
}
