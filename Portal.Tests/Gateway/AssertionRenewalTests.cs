using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Gateway.Assertions;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>Requests pass with a signed assertion whatever becomes of the folder in which the keys are kept.</summary>
public sealed class AssertionRenewalTests
{
    private static readonly (string, string) On = (GatewayRun.Agreements + "Assertion", "true");

    [Fact]
    public async Task Renew_FolderThatCannotBeWritten_GoesOnWithThePresentKeyAndMakesUpForItLater()
    {
        await using var run = await GatewayRun.StartAsync("http://127.0.0.1:1", On);
        var (keys, folder) = (run.Portal.Services.GetRequiredService<AssertionKeys>(), Path.Combine(run.Portal.Folder, "keys"));
        var first = keys.Current.Id;
        Assert.Equal("Healthy", await run.Portal.Client.GetStringAsync("/health/ready"));
        // A file in place of the folder stops root, too.
        Directory.Move(folder, folder + "-away");
        await File.WriteAllTextAsync(folder, "");
        for (var day = 0; day < 40; day++)
        {
            run.Portal.Clock.Skew += TimeSpan.FromHours(23);
            Assert.Equal(first, keys.Current.Id);
            Assert.Equal(first, Assert.Single(keys.Published).Id);
        }

        Assert.Equal(1, Count(run.Portal.Log.Text, "The key that signs assertions could not be renewed"));
        Assert.Equal("Degraded\nThe key that signs assertions cannot be renewed.", await run.Portal.Client.GetStringAsync("/health/ready"));

        File.Delete(folder);
        Directory.Move(folder + "-away", folder);
        run.Portal.Clock.Skew += TimeSpan.FromHours(1);
        Assert.Equal(first, keys.Current.Id);
        Assert.Equal(2, keys.Published.Count);
        Assert.Equal("Healthy", await run.Portal.Client.GetStringAsync("/health/ready"));
        run.Portal.Clock.Skew += AssertionKeys.Overlap;
        Assert.NotEqual(first, keys.Current.Id);
    }

    /// <summary>Of an installation that never had one, with an upstream that gets assertions only later: no request fails.</summary>
    [Fact]
    public async Task Current_NoKeyAndNoFolder_SignsWithOneInMemoryThatIsStoredLater()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var (keys, folder) = (portal.Services.GetRequiredService<AssertionKeys>(), Path.Combine(portal.Folder, "keys"));
        Directory.Move(folder, folder + "-away");
        await File.WriteAllTextAsync(folder, "");
        var signing = keys.Current;
        Assert.Equal((signing.Id, false), (Assert.Single(keys.Published).Id, signing.IsStored));
        Assert.Contains(folder, Assert.Throws<DataDirectoryException>(keys.EnsureUsable).Message, StringComparison.Ordinal);

        File.Delete(folder);
        Directory.Move(folder + "-away", folder);
        portal.Clock.Skew += TimeSpan.FromHours(1);
        Assert.Equal((signing.Id, true), (keys.Current.Id, keys.Current.IsStored));
        Assert.Single(Directory.GetFiles(folder, "assertion-*"));
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;
}
