using Portal.Tests.Support;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Portal.Tests;

/// <summary>The entry point of the test program: it runs the tests, or acts as the process that one of them kills.</summary>
internal static class TestRun
{
    public static async Task<int> Main(string[] args)
    {
        if (TokenChangingProcess.IsThis)
        {
            await TokenChangingProcess.RunAsync();
            return 0;
        }

        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
