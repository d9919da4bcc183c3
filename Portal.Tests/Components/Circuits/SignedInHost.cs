using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Access;
using Portal.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Circuits;

/// <summary>A Portal on the system's clock, in which an administrator has signed in.</summary>
public sealed partial class SignedInHost : IAsyncLifetime
{
    public const string Email = "ada@example.com", Password = "correct horse battery";

    private readonly ConcurrentBag<WatchedCircuit> _circuits = [];

    public SignedInHost() : this(_ => { })
    {
    }

    internal SignedInHost(Action<IServiceCollection> configure) => Host = new PortalHost("Development", null, null, builder => builder.ConfigureServices(services =>
    {
        services.Replace(ServiceDescriptor.Singleton(TimeProvider.System));
        services.AddScoped<CircuitHandler>(_ => new Watched(_circuits));
        configure(services);
    }));

    public PortalHost Host { get; }

    /// <summary>The circuits that were opened so far.</summary>
    internal IReadOnlyCollection<WatchedCircuit> Circuits => _circuits;

    /// <summary>The session, as a browser sends it.</summary>
    public string Cookie { get; private set; } = "";

    public string UserId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Host.InitializeAsync();
        await using (var scope = Host.Services.CreateAsyncScope())
        {
            var (user, faults) = await scope.ServiceProvider.GetRequiredService<AccountService>().CreateUserAsync(
                Host.Administrator.AccountId, new NewUser("Ada", Email, Password), Role.Administrator);
            Assert.Empty(faults);
            UserId = user!.Id;
        }

        Cookie = await SignInAsync();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <returns>The cookies of the browser after signing in.</returns>
    public async Task<string> SignInAsync()
    {
        using var page = await Host.Client.GetAsync("/login");
        var form = AntiforgeryField().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        using var post = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "login", ["__RequestVerificationToken"] = form, ["Form.Email"] = Email, ["Form.Password"] = Password,
            }),
        };
        post.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var answer = await Host.Client.SendAsync(post);
        return string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    /// <summary>Sends a request byte by byte as written.</summary>
    /// <returns>The status. The rest isn't read, because it may never end.</returns>
    public async Task<int> AskAsync(string method, string target, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host.Address.Host, Host.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", [$"{method} {target} HTTP/1.1", $"Host: {Host.Address.Authority}", .. headers, "", ""])));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return int.Parse((await reader.ReadLineAsync()).AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    /// <param name="Memory">Whether the circuit is still in memory.</param>
    /// <param name="Closed">Completes when Blazor has closed the circuit.</param>
    internal sealed record WatchedCircuit(WeakReference Memory, Task Closed);

    /// <summary>Has the lifetime of its circuit.</summary>
    private sealed class Watched(ConcurrentBag<WatchedCircuit> circuits) : CircuitHandler
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            circuits.Add(new WatchedCircuit(new WeakReference(this), _closed.Task));
            return Task.CompletedTask;
        }

        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            _closed.SetResult();
            return Task.CompletedTask;
        }
    }

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();
}
