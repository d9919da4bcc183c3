using System.Net;

namespace Portal.Hosting.Https;

/// <summary>The addresses that the configuration tells the web server to listen on.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://localhost:5080";

    /// <summary>Lists them, in the order of the web server: endpoints override URLs, and URLs override ports.</summary>
    public static IReadOnlyList<string> Of(IConfiguration configuration)
    {
        if (Endpoints(configuration) is { Count: > 0 } endpoints)
            return endpoints;
        if (Split(configuration[WebHostDefaults.ServerUrlsKey]) is { Length: > 0 } urls)
            return urls;
        string[] ports =
        [
            .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
            .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
        ];
        return ports.Length > 0 ? ports : [Default];
    }

    public static bool HasEndpoints(IConfiguration configuration) => Endpoints(configuration).Count > 0;

    public static bool IsHttps(string address) => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether other machines can connect. A name other than localhost stands for all addresses of the machine.</summary>
    public static bool IsPublic(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return !parsed.IsUnixPipe && !parsed.IsNamedPipe && !parsed.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                && !(IPAddress.TryParse(parsed.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            // The web server says what is wrong with it.
            return false;
        }
    }

    private static List<string> Endpoints(IConfiguration configuration) =>
        [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];

    private static string[] Split(string? addresses) => (addresses ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
