using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A real disk of a few megabytes with the data directory is full: requests continue, and counting resumes automatically.</summary>
[Slow]
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
        await portal.WaitForOutputAsync("Statistics could not be written");
        await callers.ReceivedAsync(300);
        using var client = new HttpClient();
        Assert.StartsWith(
            "Degraded\nThe disk that holds Portal's database is full. Free some space on the server.",
            await client.GetStringAsync(new Uri(portal.Address + "/health/ready"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using (var change = new HttpRequestMessage(HttpMethod.Post, portal.Address + "/public/v1/auth/tokens/" + key.Split(' ')[1].Split(':')[0] + "/rotate"))
        {
            change.Headers.TryAddWithoutValidation("Authorization", key);
            change.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            using var answer = await client.SendAsync(change, TestContext.Current.CancellationToken);
            Assert.Equal("60", answer.Headers.GetValues("Retry-After").Single());
            await ErrorBody.AssertAsync(answer, HttpStatusCode.InsufficientStorage, "DB_002");
        }

        disk.Free();
        await portal.WaitForOutputAsync("Statistics are written again");
        await callers.StopAsync();
        Assert.Equal([HttpStatusCode.OK], callers.Answers.Keys);
        // Including the change that was refused.
        await StoredData.CountedAsync(disk.Path, callers.Sent + 1);
        Assert.Equal(callers.Sent + 1, await StoredData.CountAsync(disk.Path));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri(portal.Address + "/health/ready"), TestContext.Current.CancellationToken));
        TestContext.Current.TestOutputHelper?.WriteLine($"{callers.Sent} requests, all answered and counted");
    }
}
