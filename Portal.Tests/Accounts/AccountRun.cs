using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts;

/// <summary>A portal without users, as it is on its first run, and a request for each use of its accounts.</summary>
internal sealed class AccountRun : IAsyncDisposable
{
    private AccountRun(TestPortal portal, LogCapture log) => (Portal, Log) = (portal, log);

    public TestPortal Portal { get; }
    public LogCapture Log { get; }
    public FirstRun FirstRun => Portal.Services.GetRequiredService<FirstRun>();

    /// <summary>The code as it was printed.</summary>
    public string Code { get; private init; } = "";

    public static async Task<AccountRun> StartAsync(LogCapture? capture = null)
    {
        var log = capture ?? new LogCapture();
        var portal = await TestPortal.CreateAsync(services: services => services.AddLogging(logging => logging.AddProvider(log)));
        await portal.Services.PrepareFirstRunAsync();
        return new AccountRun(portal, log) { Code = log.Lines.Single(line => line.Contains("Setup code: ", StringComparison.Ordinal)).Split("Setup code: ")[1] };
    }

    /// <summary>Signing in and out needs a request to answer.</summary>
    public async Task<T> UseAsync<T>(Func<AccountService, Task<T>> use)
    {
        await using var scope = Portal.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>().HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        return await use(scope.ServiceProvider.GetRequiredService<AccountService>());
    }

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}
