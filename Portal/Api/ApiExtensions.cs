using System.Text.Json;
using Portal.Authentication;

namespace Portal.Api;

/// <summary>The door of this folder: Portal's own part of the API.</summary>
public static class ApiExtensions
{
    /// <summary>HEAD asks for what GET would say, without the body.</summary>
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddPortalApi(this IHostApplicationBuilder builder) =>
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);

    public static void MapPortalApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(ApiGate.BasePath);
        api.MapMethods("/accounts", Reading, AccountEndpoints.ListAsync);
        api.MapMethods("/auth/context", Reading, AccountEndpoints.GetContextAsync);
        api.MapMethods("/modules/integrations/settings", Reading, IntegrationSettingsEndpoints.GetAsync);
    }
}
