using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>Responds for one path of a module: from its upstream if it has one at present, otherwise without one.</summary>
internal sealed class ModuleEndpoint(Module module, ModuleForwarders forwardings, RequestDelegate withoutUpstream)
{
    public Task AnswerAsync(HttpContext context) =>
        forwardings.Find(module) is { } forwarding ? forwarding.ForwardAsync(context) : withoutUpstream(context);
}
