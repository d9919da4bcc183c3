using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>A really started demonstration and what it printed. One serves all tests of a class: it is only read from.</summary>
public sealed partial class DemoProcess : IAsyncLifetime
{
    private PortalProcess? _portal;

    internal PortalProcess Portal => _portal!;
    public string Output => Portal.Output;
    public string Address => Printed("Address");
    public string Email => Printed("Email");
    public string Password => Printed("Password");
    public string ApiKey => Printed("API key");

    /// <summary>The folder it works in, as it logged it.</summary>
    public string DataDirectory => DataDirectoryLine().Match(Output).Groups[1].Value;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalProcess.StartAsync(args: ["--demo"]);
        // It is printed just after the line that says where it listens.
        await _portal.WaitForOutputAsync("curl -H");
    }

    public async ValueTask DisposeAsync()
    {
        // A killed demonstration leaves its folder behind.
        await Portal.StopAsync();
        await Portal.DisposeAsync();
    }

    /// <summary>A client that follows nothing by itself, and keeps cookies.</summary>
    public HttpClient CreateClient() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Portal.Address) };

    /// <summary>A client that is signed in as the person whose password was printed.</summary>
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
