using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Playwright;
using Xunit.Sdk;
using Xunit.v3;

namespace Portal.Tests.Browser;

/// <summary>Keeps a Playwright trace and a screenshot of each browser context of a test that fails, in <see cref="Folder"/>.</summary>
/// <remarks>A context closes before the result of its test is known. An exception in the test is therefore treated as a failure, and the record is
/// deleted if the test passes after all.</remarks>
internal sealed class FailureRecord : IAsyncDisposable
{
    private const string Kept = "browser-failures";

    private readonly ITest? _test = TestContext.Current.Test;
    private readonly IPage _page;
    private volatile bool _mayHaveFailed;

    private FailureRecord(IPage page)
    {
        _page = page;
        AppDomain.CurrentDomain.FirstChanceException += Notice;
    }

    /// <summary>Below the test program's folder, which Git ignores.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "TestResults", "browser");

    public static async Task<FailureRecord> StartAsync(IPage page)
    {
        // A snapshot of the page at every step costs as much as the steps, so it is only recorded on request.
        await page.Context.Tracing.StartAsync(new TracingStartOptions { Snapshots = Environment.GetEnvironmentVariable("PORTAL_TEST_SNAPSHOTS") == "1" });
        return new FailureRecord(page);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.FirstChanceException -= Notice;
        // Without a path, the trace is discarded when the context closes.
        if (!_mayHaveFailed || _test is null)
            return;
        var files = (List<string>)TestContext.Current.KeyValueStorage.GetOrAdd(Kept, _ => new List<string>())!;
        var path = Path.Combine(Folder, $"{FileNameOf(_test)}-{files.Count / 2 + 1}");
        files.AddRange([path + ".png", path + ".zip"]);
        try
        {
            await _page.ScreenshotAsync(new PageScreenshotOptions { Path = path + ".png", FullPage = true });
            await _page.Context.Tracing.StopAsync(new TracingStopOptions { Path = path + ".zip" });
        }
        catch (PlaywrightException exception)
        {
            // The test's own failure is more useful, and an exception here would replace it.
            TestContext.Current.TestOutputHelper?.WriteLine("The page could not be recorded: " + exception.Message);
        }
    }

    /// <summary>Names the records of a failed test, and deletes those of a passed one.</summary>
    public static void Settle()
    {
        if (TestContext.Current.KeyValueStorage.TryRemove(Kept, out var kept) && kept is List<string> files)
            foreach (var file in files.Where(File.Exists))
                if (TestContext.Current.TestState?.Result == TestResult.Failed)
                    TestContext.Current.TestOutputHelper?.WriteLine("Kept: " + file);
                else
                    File.Delete(file);
    }

    private static string FileNameOf(ITest test) =>
        string.Concat(test.TestDisplayName.Replace("Portal.Tests.Browser.", "", StringComparison.Ordinal).Select(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-')).Trim('-');

    /// <summary>Runs where the exception is thrown, so the context tells which test it belongs to.</summary>
    private void Notice(object? sender, FirstChanceExceptionEventArgs thrown) =>
        _mayHaveFailed |= ReferenceEquals(TestContext.Current.Test, _test) && thrown.Exception is not OperationCanceledException;
}

/// <summary>Keeps or deletes the records of <see cref="FailureRecord"/> when the result of a test is known.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KeepsFailuresAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => FailureRecord.Settle();
}
