using System.Text.Json;
using Portal.Api.Bulk;
using Portal.Api.Idempotency;
using Portal.Audit;
using Portal.Authentication;

namespace Portal.Api;

/// <summary>The door of this folder: Portal's own part of the API.</summary>
public static class ApiExtensions
{
    private const string OneToken = OwnPaths.Tokens + "/{pk}";

    /// <summary>HEAD asks for what GET would say, without the body.</summary>
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddPortalApi(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSingleton<TokenAnswers>();
        builder.Services.AddSingleton<IdempotentCalls>();
        builder.Services.AddSingleton<BulkTokens>();
    }

    public static void MapPortalApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(ApiGate.BasePath);
        api.AddEndpointFilter(AnswerAsync);
        api.MapMethods("/accounts", Reading, AccountEndpoints.ListAsync);
        api.MapMethods("/auth/context", Reading, AccountEndpoints.GetContextAsync);
        MapTokens(api);
        api.MapMethods(OwnPaths.Statistics + "/{pk}/aggregates", Reading, StatisticsEndpoints.GetAggregatesAsync);
        api.MapMethods(OwnPaths.Statistics + "/{pk}/summary", Reading, StatisticsEndpoints.GetSummaryAsync);
        api.MapMethods(OwnPaths.Extensions, Reading, CatalogEndpoints.ListExtensions);
        api.MapMethods(OwnPaths.Extensions + "/{pk}", Reading, CatalogEndpoints.GetExtension);
        api.MapMethods(OwnPaths.Modules, Reading, CatalogEndpoints.ListModules);
        api.MapMethods(OwnPaths.Modules + "/{pk}", Reading, CatalogEndpoints.GetModule);
        api.MapMethods(OwnPaths.Modules + "/integrations/settings", Reading, IntegrationSettingsEndpoints.GetAsync);
    }

    private static void MapTokens(RouteGroupBuilder api)
    {
        api.MapMethods(OwnPaths.Tokens, Reading, TokenEndpoints.ListAsync);
        api.MapPost(OwnPaths.Tokens, TokenEndpoints.CreateAsync).AddEndpointFilter(IdempotentCalls.FilterAsync);
        api.MapPost(OwnPaths.Tokens + "/bulk", BulkEndpoint.RunAsync).AddEndpointFilter(IdempotentCalls.FilterAsync);
        api.MapMethods(OneToken, Reading, TokenEndpoints.GetAsync);
        api.MapMethods(OneToken, [HttpMethods.Put, HttpMethods.Patch], TokenEndpoints.UpdateAsync);
        api.MapDelete(OneToken, TokenEndpoints.DeleteAsync);
        api.MapPost(OneToken + "/activate", TokenActionEndpoints.ActivateAsync);
        api.MapPost(OneToken + "/deactivate", TokenActionEndpoints.DeactivateAsync);
        api.MapPost(OneToken + "/renew", TokenActionEndpoints.RenewAsync).AddEndpointFilter(IdempotentCalls.FilterAsync);
        api.MapPost(OneToken + "/rotate", TokenActionEndpoints.RotateAsync).AddEndpointFilter(IdempotentCalls.FilterAsync);
        api.MapPost(OneToken + "/end-previous", TokenActionEndpoints.EndPreviousAsync);
        api.MapMethods(OneToken + "/permissions", Reading, TokenPermissionEndpoints.ListAsync);
        api.MapPost(OneToken + "/permissions", TokenPermissionEndpoints.MergeAsync);
        api.MapDelete(OneToken + "/permissions", TokenPermissionEndpoints.RemoveAsync);
        api.MapMethods(OwnPaths.Tokens + "/self", Reading, TokenActionEndpoints.GetSelfAsync);
        api.MapPost(OwnPaths.Tokens + "/self/rotate", TokenActionEndpoints.RotateSelfAsync).AddEndpointFilter(IdempotentCalls.FilterAsync);
        api.MapPost(OwnPaths.Tokens + "/self/end-previous", TokenActionEndpoints.EndPreviousSelfAsync);
    }

    /// <summary>What holds for every answer: nobody keeps a copy, since some hold keys; and what the caller's role does not allow is
    /// its fault, not Portal's.</summary>
    private static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(context);
        }
        catch (AccessDeniedException)
        {
            return new Refusal(
                StatusCodes.Status403Forbidden, ErrorCodes.BeyondReach,
                "Only a token that may use the module which owns this path can change something here.");
        }
    }
}
