using System.Diagnostics;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>Creates a span for each verification while traces are collected.</summary>
/// <remarks>A span contains the outcome and the module, and nothing of the key, the token or the address.</remarks>
internal static class VerificationTrace
{
    public const string SourceName = "Portal.Authentication";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsWanted => Source.HasListeners();

    /// <returns>Null if this request isn't traced.</returns>
    public static Activity? Begin(Module? module) => Source.StartActivity("portal.verify")?.SetTag("portal.module.id", module?.Id);

    public static void Conclude(Activity? span, in AccessDecision decision) => span?.SetTag(VerificationOutcome.Tag, VerificationOutcome.Of(decision));
}
