using Microsoft.JSInterop;
using Portal.Access;
using Portal.Data;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The messages of pages for unexpected failures.</summary>
public static class ErrorMessages
{
    /// <param name="next">What to do after an unknown fault; where the cause is known, it says what to do itself.</param>
    public static string For(Exception exception, string next) => exception switch
    {
        AccessDeniedException denied => Texts.Error_RoleNeeded.With(RoleNames.NameOf(denied.Needed)),
        SessionEndedException => Texts.Error_SessionEnded,
        _ when DatabaseErrors.Cause(exception) is { } cause => cause,
        OperationCanceledException or TimeoutException => $"{Texts.Error_TookTooLong} {next}",
        JSException => $"{Texts.Error_BrowserBlocked} {next}",
        _ => $"{Texts.Error_Unknown} {next}",
    };
}
