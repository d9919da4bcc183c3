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
        await Tools.RunAsync(new ProcessStartInfo("dotnet", ["publish", Path.Combine(SourceRoot, "Portal"), "-c", "Release", "-o", portal.Folder]));
        return portal;
    }

    /// <param name="dataDirectory">A directory that no running Portal uses.</param>
    /// <param name="settings">With colons, as in <c>appsettings.json</c>.</param>
    public Task<Server> StartAsync(string dataDirectory, params (string Key, string Value)[] settings) =>
        Server.StartAsync("Portal", Path.Combine(Folder, "Portal.dll"), ["--urls", "http://127.0.0.1:0"], ToEnvironment(dataDirectory, settings));

    /// <summary>Runs one of its commands to the end.</summary>
    public Task RunAsync(string dataDirectory, string[] command, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Folder, "Portal.dll"), .. command]) { WorkingDirectory = Path.GetTempPath() };
        foreach (var (key, value) in ToEnvironment(dataDirectory, settings))
            start.Environment[key] = value;
        return Tools.RunAsync(start);
    }

    private static Dictionary<string, string> ToEnvironment(string dataDirectory, (string Key, string Value)[] settings)
    {
        var environment = settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        // Lets the sandbox respond if there is no upstream. The additional middleware in Development costs a little.
        environment.TryAdd(Environment, "Development");
        environment[DataDirectory.SettingName.Replace(":", "__", StringComparison.Ordinal)] = dataDirectory;
        return environment;
    }
}
