using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts;

/// <summary>A portal without users, as on its first run, with a request for each use of its accounts.</summary>
internal sealed class AccountRun : IAsyncDisposable
{
    private AccountRun(TestPortal portal, LogCapture log) => (Portal, Log) = (portal, log);

    public TestPortal Portal { get; }
    public LogCapture Log { get; }
    public FirstRun FirstRun => Portal.Services.GetRequiredService<FirstRun>();

    /// <summary>The setup code as it was printed.</summary>
    public string Code { get; private init; } = "";

    public static async Task<AccountRun> StartAsync(LogCapture? capture = null, Action<IServiceCollection>? configure = null, Dictionary<string, string?>? settings = null)
    {
        var log = capture ?? new LogCapture();
        var portal = await TestPortal.CreateAsync(settings: settings, services: services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            configure?.Invoke(services);
        });
        await portal.ExecuteAsync("DELETE FROM AspNetUserRoles; DELETE FROM AspNetUsers;");
        await portal.Services.PrepareFirstRunAsync();
        return new AccountRun(portal, log) { Code = log.Lines.Single(line => line.Contains("Setup code: ", StringComparison.Ordinal)).Split("Setup code: ")[1] };
    }

    /// <summary>Signing in and out needs a request.</summary>
    public Task<T> UseAsync<T>(Func<AccountService, Task<T>> use) => UseAsync<AccountService, T>(use);

    public Task<SignInResult> SignInAsync(string? email, string? password, string? address = null, string? device = null) => UseAsync<SignInService, SignInResult>(
        service => service.SignInAsync(new SignInAttempt(email, password, address is null ? null : IPAddress.Parse(address), device)));

    public async Task<T> UseAsync<TService, T>(Func<TService, Task<T>> use)
        where TService : notnull
    {
        await using var scope = Portal.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        return await use(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}
