using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A real demonstration process and its output. All tests of a class share one, because they only read.</summary>
public sealed partial class DemoProcess : IAsyncLifetime
{
    private PortalProcess? _portal;

    internal PortalProcess Portal => _portal!;
    public string Output => Portal.Output;
    public string Address => Printed("Address");
    public string Email => Printed("Email");
    public string Password => Printed("Password");
    public string ApiKey => Printed("API key");

    /// <summary>The data directory, from the log.</summary>
    public string DataDirectory => DataDirectoryLine().Match(Output).Groups[1].Value;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalProcess.StartAsync(args: ["--demo"]);
        // It is printed just after the line with the address.
        await _portal.WaitForOutputAsync("curl -H");
    }

    public async ValueTask DisposeAsync()
    {
        // A killed demonstration doesn't remove its folder.
        await Portal.StopAsync();
        await Portal.DisposeAsync();
    }

    /// <summary>Creates a client that keeps cookies and doesn't follow redirects.</summary>
    public HttpClient CreateClient() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Portal.Address) };

    /// <summary>Creates a client that is signed in as the person whose password was printed.</summary>
    public async Task<HttpClient> SignInAsync()
    {
        var client = CreateClient();
        var form = AntiforgeryField().Match(await client.GetStringAsync("/login")).Groups[1].Value;
        using var answer = await client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "login", ["__RequestVerificationToken"] = form, ["Form.Email"] = Email, ["Form.Password"] = Password,
        }));
        Assert.EndsWith("/tokens", answer.Headers.Location?.ToString());
        return client;
    }

    private string Printed(string what) => Regex.Match(Output, $"^  {what} +(.+)$", RegexOptions.Multiline).Groups[1].Value;

    [GeneratedRegex(@"Data directory: (\S+)")]
    private static partial Regex DataDirectoryLine();

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();
}
