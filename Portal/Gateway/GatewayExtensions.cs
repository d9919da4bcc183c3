namespace Portal.Gateway;

/// <summary>The door of this folder.</summary>
public static class GatewayExtensions
{
    public static void MapSandbox(this IEndpointRouteBuilder app)
    {
        _ = app;
    }
}
