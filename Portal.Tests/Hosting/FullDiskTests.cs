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
}
