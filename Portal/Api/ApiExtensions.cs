namespace Portal.Api;

/// <summary>The door of this folder.</summary>
public static class ApiExtensions
{
    public static void MapPortalApi(this IEndpointRouteBuilder app)
    {
        _ = app;
    }
}
