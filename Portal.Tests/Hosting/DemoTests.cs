using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

[Slow]
public sealed class DemoTests(DemoProcess demo) : IClassFixture<DemoProcess>
{
    private static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public void Start_Demo_PrintsAddressCredentialsKeyAndCallOnce()
    {
        Assert.Equal(demo.Portal.Address, demo.Address);
        Assert.Contains('@', demo.Email);
        Assert.Matches("^[a-z2-9]{16}$", demo.Password);
        Assert.Matches("^ApiKey SU-[0-9]{3}-[0-9]{3}-[0-9]{3}:[0-9a-f]{40}$", demo.ApiKey);
        Assert.Contains($"curl -H \"Authorization: {demo.ApiKey}\" {demo.Address}/public/v1/agreements", demo.Output);
        Assert.Equal(2, demo.Output.Split(demo.Password).Length);
        Assert.Equal(3, demo.Output.Split(demo.ApiKey).Length);
    }

    [Fact]
    public async Task Start_Demo_HasNoSetup()
    {
        using var client = demo.CreateClient();
        using var answer = await client.GetAsync("/setup", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("Setup code", demo.Output);
    }

    [Theory]
    [InlineData("/public/v1/auth/context")]
    [InlineData("/public/v1/agreements")]
    [InlineData("/public/v1/usage/records")]
    public async Task Call_PrintedKey_IsAccepted(string path)
    {
        using var client = demo.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", demo.ApiKey));
        using var answer = await client.SendAsync(request, Cancellation);

        Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.NotEqual(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task SignIn_PrintedCredentials_LeadsToTheTokens()
    {
        using var client = await demo.SignInAsync();
        using var page = await client.GetAsync("/tokens", Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Stop_Demo_LeavesNothingBehind()
    {
        await using var other = new DemoProcess();
        await other.InitializeAsync();
        var directory = other.DataDirectory;
        Assert.True(File.Exists(Path.Combine(directory, "portal.db")));

        await other.Portal.StopAsync();

        Assert.False(Directory.Exists(directory));
        // It doesn't touch the data directory that is configured for the real Portal either.
        Assert.Empty(Directory.EnumerateFileSystemEntries(other.Portal.DataDirectory));
    }

    [Fact]
    public async Task Start_DemoAsASetting_IsTheRealOne()
    {
        await using var portal = await PortalProcess.StartAsync(
            args: ["--Portal:Demo", "true", "--demo=true"],
            environment: new Dictionary<string, string>
            {
                ["Demo"] = "true", ["Portal__Demo"] = "true", ["DOTNET_Demo"] = "true", ["ASPNETCORE_Demo"] = "true", ["--demo"] = "--demo",
            });

        Assert.NotEmpty(portal.SetupCode);
        Assert.DoesNotContain("demonstration", portal.Output);
        Assert.True(File.Exists(Path.Combine(portal.DataDirectory, "portal.db")));
    }
}
