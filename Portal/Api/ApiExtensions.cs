using System.Globalization;
using System.Text.Json;
using Portal.Access;
using Portal.Api.Bulk;
using Portal.Api.Document;
using Portal.Api.Idempotency;
using Portal.Authentication;
using Portal.Data.Nodes;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>Registers Portal's own part of the API.</summary>
public static class ApiExtensions
{
    // Client generators name parameters after these, so the names are those of the wire contract.
    private const string OneToken = ManagementPaths.Tokens + "/{pk}";
    private const string Permissions = ManagementPaths.Tokens + "/{token_pk}/permissions";
    private const string OneStatistics = ManagementPaths.Statistics + "/{id}";

    /// <summary>Names the nodes on which a change isn't in force yet.</summary>
    private const string UnconfirmedHeader = "X-Portal-Unconfirmed";

    /// <summary>A browser that is led to a response runs nothing in it and shows it in no frame.</summary>
    private const string NoContent = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The methods of reading endpoints. HEAD is GET without the body.</summary>
    internal static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddPortalApi(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddSingleton<TokenAnswers>();
        builder.Services.AddSingleton<IdempotentRequests>();
        builder.Services.AddSingleton<BulkTokens>();
        builder.AddApiDocument();
    }

    public static void MapPortalApi(this IEndpointRouteBuilder app)
    {
        app.MapApiDocument();
        FixedRoutes.Map(app, MapApi);
    }

    private static void MapApi(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(ApiKeyMiddleware.BasePath);
        api.AddEndpointFilter(AnswerAsync);
        api.MapMethods("/accounts", Reading, AccountEndpoints.ListAsync).Describe(CatalogOperations.Accounts);
        api.MapMethods("/auth/context", Reading, AccountEndpoints.GetContextAsync).Describe(CatalogOperations.Context);
        MapTokens(api);
        api.MapMethods(OneStatistics + "/aggregates", Reading, StatisticsEndpoints.GetAggregatesAsync).Describe(StatisticsOperations.Aggregates);
        api.MapMethods(OneStatistics + "/summary", Reading, StatisticsEndpoints.GetSummaryAsync).Describe(StatisticsOperations.Summary);
        api.MapMethods(ManagementPaths.Extensions, Reading, CatalogEndpoints.ListExtensions).Describe(CatalogOperations.ListExtensions);
        api.MapMethods(ManagementPaths.Extensions + "/{id}", Reading, CatalogEndpoints.GetExtension).Describe(CatalogOperations.GetExtension);
        api.MapMethods(ManagementPaths.Modules, Reading, CatalogEndpoints.ListModules).Describe(CatalogOperations.ListModules);
        api.MapMethods(ManagementPaths.Modules + "/{pk}", Reading, CatalogEndpoints.GetModule).Describe(CatalogOperations.GetModule);
        api.MapMethods(ManagementPaths.Modules + "/integrations/settings", Reading, IntegrationSettingsEndpoints.GetAsync).Describe(CatalogOperations.Settings);
    }

    private static void MapTokens(RouteGroupBuilder api)
    {
        api.MapMethods(ManagementPaths.Tokens, Reading, TokenEndpoints.ListAsync).Describe(TokenOperations.List);
        api.MapPost(ManagementPaths.Tokens, TokenEndpoints.CreateAsync).AddEndpointFilter(IdempotentRequests.FilterAsync).AddEndpointFilter(ConditionalChanges.ForCreationAsync).Describe(TokenOperations.Create);
        api.MapPost(ManagementPaths.Tokens + "/bulk", BulkEndpoint.RunAsync).AddEndpointFilter(IdempotentRequests.FilterAsync).AddEndpointFilter(ConditionalChanges.ForBulkAsync).Describe(BulkOperations.Run);
        api.MapMethods(OneToken, Reading, TokenEndpoints.GetAsync).Describe(TokenOperations.Get);
        api.MapMethods(OneToken, [HttpMethods.Put, HttpMethods.Patch], TokenEndpoints.UpdateAsync).AddEndpointFilter(ConditionalChanges.ForTokenAsync).Describe(TokenOperations.Update, TokenOperations.Patch);
        api.MapDelete(OneToken, TokenEndpoints.DeleteAsync).AddEndpointFilter(ConditionalChanges.ForTokenAsync).Describe(TokenOperations.Delete);
        // Deletion uses the HTTP method DELETE instead.
        foreach (var action in TokenAction.All.Where(action => action != TokenAction.Delete))
            MapAction(api, action);
        api.MapMethods(Permissions, Reading, TokenPermissionEndpoints.ListAsync).Describe(TokenPermissionOperations.List);
        api.MapPost(Permissions, TokenPermissionEndpoints.MergeAsync).AddEndpointFilter(ConditionalChanges.ForTokenAsync).Describe(TokenPermissionOperations.Merge);
        api.MapDelete(Permissions, TokenPermissionEndpoints.RemoveAsync).AddEndpointFilter(ConditionalChanges.ForTokenAsync).Describe(TokenPermissionOperations.Remove);
        api.MapMethods(ManagementPaths.Tokens + "/self", Reading, TokenActionEndpoints.GetSelfAsync).Describe(TokenActionOperations.GetSelf);
        MapActionOnSelf(api, TokenAction.Rotate, TokenActionOperations.RotateSelf);
        MapActionOnSelf(api, TokenAction.EndPrevious, TokenActionOperations.EndPreviousSelf);
    }

    private static void MapAction(RouteGroupBuilder api, TokenAction action) =>
        Repeatable(action, api.MapPost($"{OneToken}/{action.WireName}", (
            string pk, HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers, CancellationToken cancellation) =>
            TokenActionEndpoints.RunAsync(action, pk, context, caller, tokens, records, answers, cancellation)))
        .AddEndpointFilter(ConditionalChanges.ForTokenAsync).Describe(TokenActionOperations.For(action));

    private static void MapActionOnSelf(RouteGroupBuilder api, TokenAction action, ApiOperation operation) =>
        Repeatable(action, api.MapPost($"{ManagementPaths.Tokens}/self/{action.WireName}", (
            HttpContext context, ApiActor caller, TokenService tokens, TokenRecordReader records, TokenAnswers answers, CancellationToken cancellation) =>
            TokenActionEndpoints.RunOnSelfAsync(action, context, caller, tokens, records, answers, cancellation)))
        .AddEndpointFilter(ConditionalChanges.OfCallerAsync).Describe(operation);

    /// <summary>A request that creates a key accepts an idempotency key, because its response is the only one that contains the key.</summary>
    private static RouteHandlerBuilder Repeatable(TokenAction action, RouteHandlerBuilder endpoint) =>
        action.MakesKey ? endpoint.AddEndpointFilter(IdempotentRequests.FilterAsync) : endpoint;

    /// <summary>Applies to every response: it must not be cached, because some contain keys; a browser must not show it as a page; and a role that is too low is an error of the
    /// caller, not of Portal.</summary>
    private static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        (headers.CacheControl, headers.XContentTypeOptions, headers.ContentSecurityPolicy) = ("no-store", "nosniff", NoContent);
        try
        {
            if (Reading.Contains(context.HttpContext.Request.Method))
                return ConditionalReads.Apply(context.HttpContext, await next(context));
            var actor = await ApiActor.BindAsync(context.HttpContext);
            await context.HttpContext.RequestServices.GetRequiredService<TokenAnswers>().LoadOwnerAsync(context.HttpContext, actor);
            using var confirmation = ChangeConfirmation.Observe();
            var result = await next(context);
            foreach (var node in confirmation.Unconfirmed)
                headers.Append(UnconfirmedHeader, $"{node.Name ?? "*"}; until={SecondAfter(node.Until)}");
            return result;
        }
        catch (AccessDeniedException)
        {
            return TokenAnswers.OnlyReading;
        }
    }

    /// <summary>The first whole second that isn't before the time.</summary>
    private static string SecondAfter(DateTime time) => time.AddTicks(TimeSpan.TicksPerSecond - 1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
