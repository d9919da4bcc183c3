using System.CommandLine;
using Portal.Commands.Checks;

namespace Portal.Commands;

/// <summary>The command that checks an installation.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var command = new Command("doctor", "Checks the configuration, the data directory and the surroundings, and says what to do. Changes nothing. Exit code 1 if a check fails.");
        command.SetAction(async (parsed, cancellation) =>
        {
            var findings = await InstallationChecks.RunAsync(() => CommandServices.Build(parsed, options, addParts), cancellation);
            options.Print(parsed, findings, findings.Select(finding => finding.Describe()));
            return findings.Any(finding => finding.Status == FindingStatus.Failure) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
