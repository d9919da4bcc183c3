using Microsoft.AspNetCore.Components.Endpoints;

namespace Portal.Accounts;

internal sealed class FirstRunRedirect(RequestDelegate next, FirstRun firstRun)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (firstRun.IsPending)
            await firstRun.LookForUsersAsync(context.RequestAborted);
        // Compares the endpoint, because the same path can be written in many ways.
        var onSetup = context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(Setup);
        if (onSetup && !firstRun.IsPending)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!onSetup && firstRun.IsPending && IsPage(context))
        {
            context.Response.Redirect(context.Request.PathBase + AccountsExtensions.SetupPath);
            return;
        }

        await next(context);
    }

    /// <summary>Whether a browser opens the address as a page, not as a resource of a page. Addresses that don't exist count too.</summary>
    private static bool IsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) &&
        (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<RootComponentMetadata>() is not null);
}
