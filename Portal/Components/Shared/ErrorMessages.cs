using Microsoft.JSInterop;
using Portal.Access;
using Portal.Data;

namespace Portal.Components.Shared;

/// <summary>What a page says when something failed that it cannot help.</summary>
public static class ErrorMessages
{
    private const string Unknown = "An internal error occurred. The server log contains the details.";

    /// <param name="next">What to do after an unknown fault; where the cause is known, it says what to do itself.</param>
    public static string For(Exception exception, string next) => exception switch
    {
        AccessDeniedException or SessionEndedException => exception.Message,
        _ when DatabaseErrors.Cause(exception) is { } cause => cause,
        OperationCanceledException or TimeoutException => $"The action took too long and was canceled. {next}",
        JSException => $"The browser blocked a part of this action. {next}",
        _ => $"{Unknown} {next}",
    };
}
