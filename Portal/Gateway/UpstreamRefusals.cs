using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>What clients are told when an upstream of a module fails: what happened, and nothing of addresses within.</summary>
internal sealed class UpstreamRefusals(Module module)
{
    private const string Retry = "Try again later; if it stays, tell Portal's operator.";

    /// <summary>Refused, unknown, or without a certificate that can be trusted.</summary>
    public Refusal Unreachable { get; } = Failed(module, "cannot be reached.");

    public Refusal BrokeOff { get; } = Failed(module, "broke off before its answer was complete.");

    /// <summary>As <see cref="BrokeOff"/>, for a request that must not be sent twice.</summary>
    public Refusal Unclear { get; } = new(
        StatusCodes.Status502BadGateway, ErrorCodes.UpstreamFailed,
        $"{Service(module)} broke off before its answer was complete. It may have carried out the request, so Portal did not send it again. "
        + "Check the result before you repeat the request.");

    public Refusal Unintelligible { get; } = Failed(module, "answered something that cannot be understood.");

    public Refusal TooSlow { get; } = new(
        StatusCodes.Status504GatewayTimeout, ErrorCodes.UpstreamTooSlow, $"{Service(module)} did not answer in time. {Retry}");

    public Refusal NoneHealthy { get; } = new(
        StatusCodes.Status503ServiceUnavailable, ErrorCodes.NoHealthyUpstream, $"{Service(module)} is out of order for the moment. {Retry}");

    private static Refusal Failed(Module module, string what) =>
        new(StatusCodes.Status502BadGateway, ErrorCodes.UpstreamFailed, $"{Service(module)} {what} {Retry}");

    private static string Service(Module module) => $"The service behind the module {module.Name} ({module.Id})";
}
