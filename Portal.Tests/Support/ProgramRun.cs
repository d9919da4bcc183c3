using System.Text;

namespace Portal.Tests.Support;

/// <summary>Runs Portal's program within the test's process, which takes a fraction of the time of a process of its own.</summary>
/// <remarks>Only for runs that end by themselves.</remarks>
internal static class ProgramRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<SeparateOutput> Errors = new(() =>
    {
        var errors = new SeparateOutput(Console.Error);
        Console.SetError(errors);
        return errors;
    });

    private static readonly Lazy<SeparateOutput> Results = new(() =>
    {
        var results = new SeparateOutput(Console.Out);
        Console.SetOut(results);
        return results;
    });

    /// <returns>The exit code and what the program wrote to standard error.</returns>
    public static async Task<(int ExitCode, string Errors)> RunToEndAsync(string dataDirectory, params string[] args)
    {
        var main = typeof(Program).Assembly.EntryPoint!;
        string[] all = [$"--Portal:DataDirectory={dataDirectory}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. args];
        using var written = new StringWriter();
        var exitCode = await Task.Run(() =>
        {
            Errors.Value.Current = written;
            return (int)main.Invoke(null, [all])!;
        }).WaitAsync(Patience);
        return (exitCode, written.ToString());
    }

    /// <summary>Runs a command. No Portal may run in this process on the same data directory.</summary>
    public static async Task<CommandResult> RunCommandAsync(params string[] args)
    {
        var main = typeof(Program).Assembly.EntryPoint!;
        using StringWriter results = new(), errors = new();
        var exitCode = await Task.Run(() =>
        {
            (Results.Value.Current, Errors.Value.Current) = (results, errors);
            return (int)main.Invoke(null, [args])!;
        }).WaitAsync(Patience);
        return new CommandResult(exitCode, results.ToString(), errors.ToString());
    }

    /// <summary>Keeps what each run writes apart: an asynchronous flow has its own writer.</summary>
    private sealed class SeparateOutput(TextWriter others) : TextWriter
    {
        private readonly AsyncLocal<TextWriter?> _current = new();

        public TextWriter? Current
        {
            set => _current.Value = value;
        }

        public override Encoding Encoding => others.Encoding;

        public override void Write(char value) => (_current.Value ?? others).Write(value);

        public override void Write(string? value) => (_current.Value ?? others).Write(value);

        public override Task WriteLineAsync(string? value) => (_current.Value ?? others).WriteLineAsync(value);
    }
}

/// <param name="Output">What the command wrote to standard output.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts that the command failed with one line that says why.</summary>
    public void AssertFailed(string expected, int exitCode = 1)
    {
        Assert.True(exitCode == ExitCode, $"{ExitCode}: {Output}{Errors}");
        Assert.Contains(expected, Assert.Single(Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(Output);
    }

    /// <summary>Asserts that the command succeeded.</summary>
    /// <returns>The output, parsed as JSON.</returns>
    public System.Text.Json.JsonElement AssertDone()
    {
        Assert.True(ExitCode == 0, Errors + Output);
        using var json = System.Text.Json.JsonDocument.Parse(Output);
        return json.RootElement.Clone();
    }
}
