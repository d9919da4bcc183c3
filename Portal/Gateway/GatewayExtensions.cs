using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway.Sandbox;

namespace Portal.Gateway;

/// <summary>The door of this folder: what answers for the modules.</summary>
public static class GatewayExtensions
{
    /// <summary>Answers for every module without an upstream: in Development from samples, elsewhere with 503. An endpoint
    /// of Portal's own below a module's path goes first, as the more precise route.</summary>
    public static void MapSandbox(this IEndpointRouteBuilder app)
    {
        var inDevelopment = app.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment();
        foreach (var module in app.ServiceProvider.GetRequiredService<ModuleCatalog>().Modules)
            foreach (var path in module.Paths)
            {
                RequestDelegate answer = inDevelopment
                    ? new SandboxEndpoint(SampleCollection.For(module, path)).AnswerAsync
                    : new MissingUpstream(module).AnswerAsync;
                app.Map($"{ApiGate.BasePath}{path}/{{**{SandboxEndpoint.Rest}}}", answer).WithDisplayName($"{module.Name} {path} without upstream");
            }
    }
}
