using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Portal.Commands;

/// <summary>The commands for operators. Without one, the program starts Portal.</summary>
public static class CommandLine
{
    /// <summary>The options that may come before a command, or replace one. No setting of Portal has such a name.</summary>
    private static readonly string[] Options = ["--help", "-h", "-?", "/?", "--version", "--json", CommonOptions.DataDirectoryName];

    /// <summary>How long an interrupted command may take to remove what it has begun.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    /// <summary>Whether the arguments are for a command. Every start of Portal asks this, so it loads nothing of the commands.</summary>
    /// <remarks>A command is a word without a value: the arguments of a start begin with a dash or a slash, or contain <c>=</c>. The shell's completion
    /// sends a directive in brackets.</remarks>
    public static bool IsCommand(string[] args) =>
        args is [var first, ..] && (Options.Contains(first.Split('=')[0]) || first.StartsWith('[') || (first.Length > 0 && char.IsAsciiLetter(first[0]) && !first.Contains('=')));

    /// <summary>Runs a command.</summary>
    /// <param name="addParts">Registers all parts of Portal, as a start does.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Action<WebApplicationBuilder> addParts)
    {
        // The output of commands is for scripts and for searches, so it is the same everywhere.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        var result = CreateRoot(addParts).Parse(args);
        if (result.Action is ParseErrorAction)
        {
            var faults = string.Join(' ', result.Errors.Select(error => error.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.') + "."));
            await Console.Error.WriteLineAsync($"{faults} Run {NameOf(result.CommandResult)} --help.");
            return ExitCode.WrongUsage;
        }

        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = LongestEnd });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Canceled. Nothing was kept.");
            return ExitCode.Failed;
        }
        catch (Exception exception) when (CommandFailure.Describe(exception) is { } advice)
        {
            await Console.Error.WriteLineAsync(advice.ReplaceLineEndings(" "));
            return exception is CommandException { ExitCode: var exitCode } ? exitCode : ExitCode.Failed;
        }
        catch (Exception exception)
        {
            // A crash would have another exit code than the documented ones.
            await Console.Error.WriteLineAsync($"The command failed unexpectedly: {exception}");
            return ExitCode.Failed;
        }
    }

    /// <summary>The command with the commands before it, as someone types it.</summary>
    private static string NameOf(SymbolResult command) =>
        command.Parent is CommandResult parent ? $"{NameOf(parent)} {((CommandResult)command).Command.Name}" : "Portal";

    internal static RootCommand CreateRoot(Action<WebApplicationBuilder> addParts)
    {
        var options = new CommonOptions();
        var root = new RootCommand(
            "Starts Portal, or runs one of the commands. Without a command, all arguments are settings of Portal, such as --urls http://localhost:5080 or --demo. "
            + "Exit codes: 0 done, 1 failed, 2 wrong usage.")
        {
            AdminCommands.Create(options, addParts),
            AuditCommands.Create(options, addParts),
            BackupCommands.CreateBackup(options, addParts),
            BackupCommands.CreateVerify(options),
            BackupCommands.CreateRestore(options),
            CopyDataCommand.Create(options),
            DoctorCommand.Create(options, addParts),
            RekeyCommand.Create(options, addParts),
        };
        root.Options.Add(options.DataDirectory);
        root.Options.Add(options.Json);
        return root;
    }
}
