using Microsoft.AspNetCore.Components.Endpoints;

namespace Portal.Accounts;

internal sealed class FirstRunRedirect(RequestDelegate next, FirstRun firstRun)
{
    public Task InvokeAsync(HttpContext context)
    {
        // By the page that routing found: an address has many spellings.
        var onSetup = context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(Setup);
        if (onSetup && !firstRun.IsPending)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (!onSetup && firstRun.IsPending && IsPage(context))
        {
            context.Response.Redirect(context.Request.PathBase + AccountsExtensions.SetupPath);
            return Task.CompletedTask;
        }

        return next(context);
    }

    /// <summary>Whether a person opens the address, as opposed to a page that loads it. An address that doesn't exist counts too.</summary>
    private static bool IsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) &&
        (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<RootComponentMetadata>() is not null);
}
