using System.Text;

namespace Portal.Tests.Support;

/// <summary>Runs Portal's program within the test's process, which takes a fraction of the time of a process of its own.</summary>
/// <remarks>Only for runs that end by themselves.</remarks>
internal static class ProgramRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<ErrorOutput> Errors = new(() =>
    {
        var errors = new ErrorOutput(Console.Error);
        Console.SetError(errors);
        return errors;
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

    /// <summary>Keeps what each run writes apart: an asynchronous flow has its own writer.</summary>
    private sealed class ErrorOutput(TextWriter others) : TextWriter
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
