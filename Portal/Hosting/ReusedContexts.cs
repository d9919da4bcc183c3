namespace Portal.Hosting;

/// <summary>Lets the web server use the objects of a connection's requests again, which it gives up as soon as there is an
/// <see cref="IHttpContextAccessor"/>: every request would pay for what pages alone use.</summary>
internal static class ReusedContextsExtensions
{
    public static void AddReusedContexts(this IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton<IHttpContextFactory>(services => new DefaultHttpContextFactory(new WithoutAccessor(services)));

    /// <summary>Makes the request known to the accessor while it lasts. Goes before all that is for pages.</summary>
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
            // For those too who go on after the request: its objects belong to the next one then.
            accessor.HttpContext = null;
        }
    }
}
