using Portal.Access;

namespace Portal.Commands;

/// <summary>The person at the command line.</summary>
internal static class Operator
{
    /// <summary>The audit log shows the user of the operating system.</summary>
    public static Actor Of(string accountId) =>
        new(ActorKind.System, "command-line", $"Command line ({Environment.UserName})", accountId, Role.Administrator);
}
