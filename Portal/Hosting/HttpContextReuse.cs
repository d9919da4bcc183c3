namespace Portal.Hosting;

/// <summary>Lets the web server reuse the objects of a connection's requests. It wouldn't with an <see cref="IHttpContextAccessor"/>, so every
/// request would pay for a feature that only pages use.</summary>
internal static class ReusedContextsExtensions
{
    public static void AddReusedContexts(this IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton<IHttpContextFactory>(services => new DefaultHttpContextFactory(new WithoutAccessor(services)));

    /// <summary>Makes the request available to the accessor until it ends. Call it before any middleware for pages.</summary>
    public static void UseHttpContextAccessor(this IApplicationBuilder app) => app.UseMiddleware<AccessorMiddleware>();

    private sealed class WithoutAccessor(IServiceProvider services) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IHttpContextAccessor) ? null : services.GetService(serviceType);
    }
}

internal sealed class AccessorMiddleware(RequestDelegate next, IHttpContextAccessor accessor)
{
    public async Task InvokeAsync(HttpContext context)
    {
        accessor.HttpContext = context;
        try
        {
            await next(context);
        }
        finally
        {
            // Also for code that continues after the request: its objects then belong to the next request.
            accessor.HttpContext = null;
        }
    }
}
