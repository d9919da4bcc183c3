using Portal.Authentication;
using Portal.Catalog;
using Portal.Wire;

namespace Portal.Gateway;

/// <summary>Responds that a module has no upstream, and what its operator can do.</summary>
internal sealed class MissingUpstream(Module module)
{
    private readonly Refusal _refusal = RefusalFor(module);

    public static Refusal RefusalFor(Module module) => new(
        StatusCodes.Status503ServiceUnavailable, ErrorCodes.NoUpstream,
        $"The module {module.Name} ({module.Id}) has no upstream. " +
        "Portal's operator must configure one under Catalog:Modules in appsettings.json, or remove the module there.");

    public Task AnswerAsync(HttpContext context)
    {
        ApiCaller.Of(context).Refuse(_refusal);
        return Task.CompletedTask;
    }
}
