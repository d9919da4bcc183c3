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
                if (context.Features.Get<IStatusCodeReExecuteFeature>() is null)
                    return next(context);
                // The page depends on the reader's language and session.
                context.Response.Headers.CacheControl = "no-store";
                return ShowAsync(context, next);
            }));
        app.Use((context, next) =>
        {
            if (!context.Request.Path.Equals(Error, StringComparison.OrdinalIgnoreCase) || context.Features.Get<IExceptionHandlerFeature>() is not null)
                return context.Features.Get<IExceptionHandlerFeature>() is null ? next(context) : ShowAsync(context, next);
            // Nobody opens this page without an error.
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Shows a page instead of the response to a request that failed. If that was not a GET, the page would be refused itself, with another
    /// status.</summary>
    private static async Task ShowAsync(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Method;
        try
        {
            context.Request.Method = HttpMethods.IsHead(method) ? method : HttpMethods.Get;
            await next(context);
        }
        finally
        {
            context.Request.Method = method;
        }
    }
}
