using Microsoft.AspNetCore.Diagnostics;
using Portal.Authentication;

namespace Portal.Hosting;

/// <summary>Shows people a page with the right status when a request fails. Programs get the
/// API's error form from <c>ApiKeyMiddleware</c> instead.</summary>
internal static class ErrorPages
{
    private const string Error = "/error";

    public static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler(Error, createScopeForErrors: true);
        app.UseWhen(
            context => !context.Request.Path.StartsWithSegments(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase),
            pages => pages.UseStatusCodePagesWithReExecute("/not-found").Use((context, next) =>
            {
                // The page depends on the reader's language and session.
                if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
                    context.Response.Headers.CacheControl = "no-store";
                return next(context);
            }));
        app.Use((context, next) =>
        {
            if (!context.Request.Path.Equals(Error, StringComparison.OrdinalIgnoreCase) || context.Features.Get<IExceptionHandlerFeature>() is not null)
                return next(context);
            // Nobody opens this page without an error.
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
