using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>Answers for one path of a module: from its upstream if it has one just now, else as one without.</summary>
internal sealed class ModuleEndpoint(Module module, string path, ModuleForwardings forwardings, RequestDelegate withoutUpstream)
{
    public Task AnswerAsync(HttpContext context)
    {
        var caller = ApiCaller.Of(context);
        // Routing has its own reading of the path. The one that was judged counts.
        if (caller.Module != module || !string.Equals(caller.Target.Owner.Prefix, path, StringComparison.Ordinal))
        {
            caller.Refuse(Refusals.NothingAt(context.Request.Path));
            return Task.CompletedTask;
        }

        return forwardings.Find(module) is { } forwarding ? forwarding.ForwardAsync(context) : withoutUpstream(context);
    }
}
