using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portal.Tests.Support;

namespace Portal.Tests.Tokens;

/// <summary>A change that was confirmed outlives the process, however it ends.</summary>
public sealed class KilledProcessTests
{
    private const int Confirmations = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Kill_WhileTokensChange_KeepsEveryConfirmedChange()
    {
        using var folder = new TemporaryDirectory();
        var confirmed = await ChangeAndKillAsync(folder.Path);
        Assert.NotEmpty(confirmed);

        await using var portal = new PortalHost("Development", null, folder.Path);
        await portal.InitializeAsync();
        foreach (var (key, step) in confirmed)
        {
            using var response = await portal.SendAsync(key, "/public/v1/accounts");
            var error = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var kept = response.StatusCode == HttpStatusCode.OK ? 1
                : error.Contains("is disabled", StringComparison.Ordinal) ? 2
                : error.Contains("was deleted", StringComparison.Ordinal) ? 3
                : 0;
            // The last change may have been made and not confirmed any more.
            Assert.True(kept >= step, $"step {step} was confirmed, step {kept} was kept: {error}");
        }
    }

    /// <returns>The last confirmed step of each key.</returns>
    private static async Task<Dictionary<string, int>> ChangeAndKillAsync(string folder)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var process = Start(folder, ((IPEndPoint)listener.LocalEndpoint).Port);
        try
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            using var confirmations = new StreamReader(client.GetStream());
            var confirmed = new Dictionary<string, int>();
            var count = 0;
            while (await ReadLineAsync(confirmations) is { } line)
            {
                confirmed[line[2..]] = line[0] - '0';
                if (++count == Confirmations)
                    process.Kill();
            }

            Assert.True(count >= Confirmations, $"it ended by itself after {count} changes");
            return confirmed;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            // How the end of a killed process shows.
            return null;
        }
    }

    private static Process Start(string folder, int port)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KilledProcessTests).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[TokenChangingProcess.FolderVariable] = folder;
        start.Environment[TokenChangingProcess.PortVariable] = port.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
