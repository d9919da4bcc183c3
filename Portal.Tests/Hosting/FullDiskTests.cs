using System.Diagnostics;
using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>The disk that holds the data directory is full, a real one of a few megabytes: requests go on, and counting
/// resumes by itself.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task FullDisk_WhileClientsCall_FailsNoRequestAndCountingResumes()
    {
        await using var disk = await SmallDisk.MountAsync();
        var key = await StoredData.WithTokenAsync(disk.Path);
        await using var portal = await PortalProcess.StartAsync(disk.Path);
        await using var callers = new Callers(portal.Address, key, count: 4);
        callers.Start();
        await callers.ReceivedAsync(100);

        disk.Fill();
        await portal.WaitForOutputAsync("Statistics cannot be written");
        await callers.ReceivedAsync(300);
        using var client = new HttpClient();
        Assert.Equal("Degraded", await client.GetStringAsync(new Uri(portal.Address + "/health/ready"), TestContext.Current.CancellationToken));

        disk.Free();
        await portal.WaitForOutputAsync("Statistics are written again");
        await callers.StopAsync();
        Assert.Equal([HttpStatusCode.OK], callers.Answers.Keys);
        await StoredData.CountedAsync(disk.Path, callers.Sent);
        Assert.Equal(callers.Sent, await StoredData.CountAsync(disk.Path));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri(portal.Address + "/health/ready"), TestContext.Current.CancellationToken));
        TestContext.Current.TestOutputHelper?.WriteLine($"{callers.Sent} requests, all answered and counted");
    }

    /// <summary>A file system in memory with a size of its own.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly TemporaryDirectory _place = new();

        public string Path => _place.Path;

        private string Ballast => System.IO.Path.Combine(Path, "ballast");

        public static async Task<SmallDisk> MountAsync()
        {
            Assert.SkipUnless(Environment.UserName == "root", "Mounting a small disk needs root.");
            var disk = new SmallDisk();
            await RunAsync("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.Path);
            return disk;
        }

        /// <summary>Takes all that is left, to the last byte.</summary>
        public void Fill()
        {
            using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var size in (int[])[4096, 1])
                try
                {
                    var block = new byte[size];
                    while (true)
                        file.Write(block);
                }
                catch (IOException)
                {
                    // Full.
                }
        }

        public void Free() => File.Delete(Ballast);

        public async ValueTask DisposeAsync()
        {
            await RunAsync("umount", "--lazy", Path);
            _place.Dispose();
        }

        private static async Task RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{program} failed: {errors}");
        }
    }
}
