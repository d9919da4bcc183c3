using Microsoft.Extensions.Options;
using Portal.Accounts.Users;
using Portal.Authentication;

namespace Portal.Scim;

/// <summary>Registers the SCIM endpoints, through which a directory manages users.</summary>
public static class ScimExtensions
{
    private const string OneOf = "/{id}";

    public static void AddScim(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ScimOptions>().BindConfiguration(ScimOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ScimOptions>, ScimValidator>();
        builder.Services.AddOptions<ManagedUsers>().Configure<IOptions<ScimOptions>>((managed, scim) => managed.GroupsDecideRoles = scim.Value.IsEnabled && !scim.Value.Roles.IsEmpty);
        builder.Services.AddSingleton<ScimTokens>();
        builder.Services.AddSingleton<ScimRoles>();
        builder.Services.AddSingleton<ScimUserService>();
        builder.Services.AddSingleton<ScimGroupService>();
        if (builder.Configuration.GetSection(ScimOptions.Section).Exists())
            builder.Services.AddHostedService<ScimRoleSync>();
    }

    /// <summary>Answers everything below the base path, with 404 if no token is configured. Call it before any middleware for pages:
    /// SCIM uses neither cookies nor error pages.</summary>
    public static void UseScim(this WebApplication app)
    {
        var isEnabled = app.Services.GetRequiredService<IOptions<ScimOptions>>().Value.IsEnabled;
        app.MapWhen(IsForScim, scim =>
        {
            if (!isEnabled)
            {
                scim.Run(context => ScimResponse.WriteErrorAsync(context, new ScimException(StatusCodes.Status404NotFound, null, "SCIM is off. Portal's operator can set Scim:Token.")));
                return;
            }

            scim.UseMiddleware<ScimGate>();
            scim.UseRouting();
            scim.UseEndpoints(routes => FixedRoutes.Map(routes, Map));
        });
    }

    internal static bool IsForScim(HttpContext context) => context.Request.Path.StartsWithSegments(ScimAddress.BasePath, StringComparison.OrdinalIgnoreCase);

    private static void Map(IEndpointRouteBuilder app)
    {
        // The gate has checked the token.
        var scim = app.MapGroup(ScimAddress.BasePath).AllowAnonymous();
        MapResources(
            scim.MapGroup("/" + ScimAddress.Users), ScimUserEndpoints.ListAsync, ScimUserEndpoints.SearchAsync, ScimUserEndpoints.CreateAsync, ScimUserEndpoints.GetAsync,
            ScimUserEndpoints.ReplaceAsync, ScimUserEndpoints.PatchAsync, ScimUserEndpoints.DeleteAsync);
        MapResources(
            scim.MapGroup("/" + ScimAddress.Groups), ScimGroupEndpoints.ListAsync, ScimGroupEndpoints.SearchAsync, ScimGroupEndpoints.CreateAsync, ScimGroupEndpoints.GetAsync,
            ScimGroupEndpoints.ReplaceAsync, ScimGroupEndpoints.PatchAsync, ScimGroupEndpoints.DeleteAsync);
        scim.MapGet("/" + ScimAddress.ServiceProviderConfig, ScimDiscoveryEndpoints.GetConfigurationAsync);
        scim.MapGet("/" + ScimAddress.ResourceTypes, ScimDiscoveryEndpoints.ListResourceTypesAsync);
        scim.MapGet("/" + ScimAddress.ResourceTypes + OneOf, ScimDiscoveryEndpoints.GetResourceTypeAsync);
        scim.MapGet("/" + ScimAddress.Schemas, ScimDiscoveryEndpoints.ListSchemasAsync);
        scim.MapGet("/" + ScimAddress.Schemas + OneOf, ScimDiscoveryEndpoints.GetSchemaAsync);
        foreach (var unsupported in new[] { "/", "/Me", "/Me/{**rest}", "/Bulk", "/.search" })
            scim.Map(unsupported, ScimDiscoveryEndpoints.RefuseAsync);
    }

    private static void MapResources(
        RouteGroupBuilder resources, RequestDelegate list, RequestDelegate search, RequestDelegate create, RequestDelegate get, RequestDelegate replace, RequestDelegate patch,
        RequestDelegate delete)
    {
        resources.MapGet("", list);
        resources.MapPost("", create);
        resources.MapPost("/.search", search);
        resources.MapGet(OneOf, get);
        resources.MapPut(OneOf, replace);
        resources.MapPatch(OneOf, patch);
        resources.MapDelete(OneOf, delete);
    }
}
