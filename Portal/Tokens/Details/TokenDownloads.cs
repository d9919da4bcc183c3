namespace Portal.Tokens.Details;

internal static class TokenDownloads
{
    public static void MapTokenDownloads(this IEndpointRouteBuilder app)
    {
        _ = app;
    }
}
