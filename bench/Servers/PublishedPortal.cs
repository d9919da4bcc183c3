using System.Diagnostics;
using System.Reflection;
using Portal.Data;

namespace Portal.Bench.Servers;

/// <summary>Portal as it is deployed.</summary>
internal sealed class PublishedPortal
{
    /// <summary>The environment variable: <c>Production</c>, unless the sandbox must respond.</summary>
    public const string Environment = "ASPNETCORE_ENVIRONMENT";

    private PublishedPortal(string folder) => Folder = folder;

    public static string SourceRoot { get; } = Path.GetFullPath(
        typeof(PublishedPortal).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SourceRoot").Value!);

    /// <summary>The folder that it was published to.</summary>
    public string Folder { get; }

    public static async Task<PublishedPortal> PublishAsync(string folder)
    {
        var portal = new PublishedPortal(Path.Combine(folder, "program"));
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(SourceRoot, "Portal"), "-c", "Release", "-o", portal.Folder])
        { RedirectStandardOutput = true })!;
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? portal : throw new BenchException(output);
    }

    /// <param name="dataDirectory">A directory that no running Portal uses.</param>
    /// <param name="settings">With colons, as in <c>appsettings.json</c>.</param>
    public Task<Server> StartAsync(string dataDirectory, params (string Key, string Value)[] settings)
    {
        var environment = settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        // Lets the sandbox respond if there is no upstream. The additional middleware in Development costs a little.
        environment.TryAdd(Environment, "Development");
        environment[DataDirectory.SettingName.Replace(":", "__", StringComparison.Ordinal)] = dataDirectory;
        return Server.StartAsync("Portal", Path.Combine(Folder, "Portal.dll"), ["--urls", "http://127.0.0.1:0"], environment);
    }
}
