using Microsoft.JSInterop;
using Portal.Access;
using Portal.Data;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The messages that pages show for unexpected failures.</summary>
public static class ErrorMessages
{
    /// <param name="next">The advice for an unknown cause. The message for a known cause has its own.</param>
    public static string For(Exception exception, string next) => exception switch
    {
        SecondFactorNeededException => Texts.SecondFactor_NeededFirst,
        AccessDeniedException denied => Texts.Error_RoleNeeded.With(RoleNames.NameOf(denied.Needed)),
        SessionEndedException => Texts.Error_SessionEnded,
        ProofNeededException => Texts.Error_ProofNeeded,
        _ when DatabaseErrors.Cause(exception) is { } cause => cause,
        OperationCanceledException or TimeoutException => $"{Texts.Error_TookTooLong} {next}",
        JSException => $"{Texts.Error_BrowserBlocked} {next}",
        _ => $"{Texts.Error_Unknown} {next}",
    };
}
