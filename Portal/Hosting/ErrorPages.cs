using Portal.Authentication;

namespace Portal.Hosting;

/// <summary>Shows people a page with the right status when a request fails. Programs get the
/// API's error form from <c>ApiKeyMiddleware</c> instead.</summary>
internal static class ErrorPages
{
    public static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseWhen(
            context => !context.Request.Path.StartsWithSegments(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase),
            pages => pages.UseStatusCodePagesWithReExecute("/not-found"));
    }
}
