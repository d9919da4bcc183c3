using Portal.Catalog;
using Portal.Wire;

namespace Portal.Gateway;

/// <summary>The refusals for failures of a module's upstream. They contain no internal address.</summary>
internal sealed class UpstreamRefusals(Module module)
{
    private const string Retry = "Try again later; if the error persists, contact Portal's operator.";

    /// <summary>The connection is refused, the host is unknown, or its certificate isn't trusted.</summary>
    public Refusal Unreachable { get; } = Failed(module, "cannot be reached.");

    public Refusal BrokeOff { get; } = Failed(module, "closed the connection before its response was complete.");

    /// <summary>As <see cref="BrokeOff"/>, for a request that must not be sent twice.</summary>
    public Refusal Unclear { get; } = new(
        StatusCodes.Status502BadGateway, ErrorCodes.UpstreamFailed,
        $"{Service(module)} closed the connection before its response was complete. It may have carried out the request, so Portal did not send it again. "
        + "Check the result before you repeat the request.");

    public Refusal Unintelligible { get; } = Failed(module, "sent an invalid response.");

    public Refusal TooSlow { get; } = new(
        StatusCodes.Status504GatewayTimeout, ErrorCodes.UpstreamTooSlow, $"{Service(module)} did not respond in time. {Retry}");

    public Refusal NoneHealthy { get; } = new(
        StatusCodes.Status503ServiceUnavailable, ErrorCodes.NoHealthyUpstream, $"{Service(module)} is temporarily unavailable. {Retry}");

    private static Refusal Failed(Module module, string what) =>
        new(StatusCodes.Status502BadGateway, ErrorCodes.UpstreamFailed, $"{Service(module)} {what} {Retry}");

    private static string Service(Module module) => $"The service behind the module {module.Name} ({module.Id})";
}
