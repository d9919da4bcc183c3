namespace Portal.Commands.Checks;

internal enum FindingStatus
{
    Ok,
    Warning,
    Failure,
}

/// <summary>The result of a check.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Message">What was found and, unless it is right, what to do.</param>
internal sealed record Finding(string Check, FindingStatus Status, string Message)
{
    public static Finding Ok(string check, string message) => new(check, FindingStatus.Ok, message);

    public static Finding Warning(string check, string message) => new(check, FindingStatus.Warning, message);

    public static Finding Failure(string check, string message) => new(check, FindingStatus.Failure, message);

    public string Describe() => $"{Status.ToString().ToLowerInvariant(),-8} {Check,-15} {Message.ReplaceLineEndings(" ")}";
}
