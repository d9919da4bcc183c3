using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Support;

/// <summary>A process that takes tokens through three steps and confirms each when the service has returned, until
/// somebody kills it.</summary>
internal static class TokenChangingProcess
{
    public const string FolderVariable = "PORTAL_TEST_FOLDER", PortVariable = "PORTAL_TEST_PORT";

    /// <summary>Whether this process is to be that one, and not to run tests.</summary>
    public static bool IsThis => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 };

    public static async Task RunAsync()
    {
        var port = int.Parse(Environment.GetEnvironmentVariable(PortVariable)!, CultureInfo.InvariantCulture);
        await using var portal = new PortalHost("Development", null, Environment.GetEnvironmentVariable(FolderVariable));
        await portal.InitializeAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var confirm = new StreamWriter(client.GetStream()) { AutoFlush = true };
        while (true)
        {
            var key = await portal.CreateTokenAsync();
            await confirm.WriteLineAsync($"1 {key.ToHeaderValue()}");
            await portal.DisableAsync(key);
            await confirm.WriteLineAsync($"2 {key.ToHeaderValue()}");
            await portal.DeleteAsync(key);
            await confirm.WriteLineAsync($"3 {key.ToHeaderValue()}");
        }
    }
}
