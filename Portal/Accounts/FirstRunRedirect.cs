using Microsoft.AspNetCore.Components.Endpoints;

namespace Portal.Accounts;

internal sealed class FirstRunRedirect(RequestDelegate next, FirstRun firstRun)
{
    public Task InvokeAsync(HttpContext context)
    {
        var onSetup = context.Request.Path.Equals(AccountsExtensions.SetupPath, StringComparison.OrdinalIgnoreCase);
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

    /// <summary>What a person opens, as opposed to what a page loads. An address that leads nowhere counts too.</summary>
    private static bool IsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) &&
        (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<RootComponentMetadata>() is not null);
}
