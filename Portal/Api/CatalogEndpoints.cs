using Portal.Api.Rql;
using Portal.Catalog;
using Portal.Wire;

namespace Portal.Api;

/// <summary>Lists the modules and extensions of the catalog.</summary>
internal static class CatalogEndpoints
{
    public static IResult ListModules(HttpContext context, ModuleCatalog catalog) =>
        ApiList.Answer(context, catalog.Modules, CatalogProperties.Modules, BodyOf);

    public static IResult GetModule(string pk, ModuleCatalog catalog) =>
        catalog.FindModule(pk) is { } module ? TypedResults.Ok(BodyOf(module)) : NotFound("module", pk);

    public static IResult ListExtensions(HttpContext context, ModuleCatalog catalog) =>
        ApiList.Answer(context, catalog.Extensions, CatalogProperties.Extensions, BodyOf);

    public static IResult GetExtension(string id, ModuleCatalog catalog) =>
        catalog.FindExtension(id) is { } extension ? TypedResults.Ok(BodyOf(extension)) : NotFound("extension", id);

    private static ModuleBody BodyOf(Module module) => new(module.Id, module.Name);

    private static ExtensionBody BodyOf(Extension extension) => ExtensionBody.Of(extension.Id, extension.Name, extension.Description);

    public static Refusal NotFound(string what, string id) =>
        new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"There is no {what} {id}.");
}
