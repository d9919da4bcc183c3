using System.Diagnostics;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>Shows verifications as spans of their own, while somebody collects traces.</summary>
/// <remarks>A span says the outcome and the module: nothing of the key, the token or the address.</remarks>
internal static class VerificationTrace
{
    public const string SourceName = "Portal.Authentication";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsWanted => Source.HasListeners();

    /// <returns>Null: this request is not among those that are traced.</returns>
    public static Activity? Begin(Module? module) => Source.StartActivity("portal.verify")?.SetTag("portal.module.id", module?.Id);

    public static void Conclude(Activity? span, in AccessDecision decision) => span?.SetTag(VerificationOutcome.Tag, VerificationOutcome.Of(decision));
}
