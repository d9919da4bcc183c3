using System.Data.Common;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Sessions;
using Portal.Components.Circuits;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Circuits;

public sealed class CircuitRegistryTests
{
    [Fact]
    public async Task Open_BeyondTheLimit_GivesUpTheOldestWithoutAConnection()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var registry = RegistryOf(portal, most: 3);
        var circuits = new[] { await OpenAsync(registry, portal.Viewer), await OpenAsync(registry, portal.Viewer), await OpenAsync(registry, portal.Viewer) };
        await circuits[1].Circuit.OnConnectionDownAsync(null!, default);
        await circuits[2].Circuit.OnConnectionDownAsync(null!, default);

        var next = await OpenAsync(registry, portal.Viewer);

        Assert.False(next.Circuit.ExceedsPageLimit);
        var signedIn = await Task.WhenAll(circuits.Append(next).Select(circuit => IsSignedInAsync(circuit.Authentication)));
        Assert.Equal("True False True True", string.Join(' ', signedIn));
        Assert.Equal(3, registry.Count);
    }

    [Fact]
    public async Task Open_BeyondTheLimitWithAllConnected_IsOneTooMany()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var registry = RegistryOf(portal, most: 1);
        var first = await OpenAsync(registry, portal.Viewer);
        var second = await OpenAsync(registry, portal.Viewer);
        Assert.Equal((false, true), (first.Circuit.ExceedsPageLimit, second.Circuit.ExceedsPageLimit));
        Assert.False((await OpenAsync(registry, portal.Operator)).Circuit.ExceedsPageLimit);

        await second.Circuit.OnCircuitClosedAsync(null!, default);
        await first.Circuit.OnCircuitClosedAsync(null!, default);
        Assert.Equal(1, registry.Count);
        Assert.False((await OpenAsync(registry, portal.Viewer)).Circuit.ExceedsPageLimit);
    }

    [Fact]
    public async Task UserChanged_EndsTheirCircuitsAndNoOthers()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var registry = RegistryOf(portal, most: 10);
        var (ended, other) = (await OpenAsync(registry, portal.Viewer), await OpenAsync(registry, portal.Operator));

        await using (var scope = portal.Services.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
            await users.UpdateSecurityStampAsync((await users.FindByIdAsync(portal.Viewer.Id))!);
        }

        // From the time when the check waits for the clock, advance it as often as needed.
        var signedOut = SignedOutAsync(ended.Authentication);
        while (!signedOut.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        await signedOut;
        Assert.False(await IsSignedInAsync(ended.Authentication));
        Assert.True(await IsSignedInAsync(other.Authentication));
    }

    [Fact]
    public void Circuits_WithoutAConnection_AreKeptAsConfigured()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Portal:Circuits:MaximumDisconnected"] = "7";
        builder.Configuration["Portal:Circuits:DisconnectedSeconds"] = "90";
        builder.AddCircuits();
        using var host = builder.Build();
        var blazor = host.Services.GetRequiredService<IOptions<CircuitOptions>>().Value;
        Assert.Equal((7, TimeSpan.FromSeconds(90)), (blazor.DisconnectedCircuitMaxRetained, blazor.DisconnectedCircuitRetentionPeriod));
    }

    /// <summary>Its session is newer than the user's data that was read.</summary>
    [Fact]
    public async Task EndStale_CircuitThatOpensWhileTheDatabaseIsRead_StaysOpen()
    {
        var during = new DuringRead();
        await using var portal = await TestPortal.CreateAsync(services: services => services.ConfigureDbContext<PortalDbContext>(
            options => options.AddInterceptors(during), ServiceLifetime.Singleton));
        using var registry = RegistryOf(portal, most: 10);
        var stale = await OpenAsync(registry, portal.Viewer with { SecurityStamp = "before" });
        (UserCircuit Circuit, CircuitAuthentication Authentication) next = default;
        during.Happens = async () => next = await OpenAsync(registry, portal.Viewer with { SecurityStamp = "after" });

        var ending = registry.EndStaleAsync(TestContext.Current.CancellationToken);
        while (!ending.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await ending;
        Assert.Equal((false, true), (await IsSignedInAsync(stale.Authentication), await IsSignedInAsync(next.Authentication!)));
    }

    /// <summary>Blazor renders a page in the culture of the code that changes it.</summary>
    [Fact]
    public async Task Circuit_KeepsTheLanguageOfTheRequestThatOpenedIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var registry = RegistryOf(portal, most: 3);
        (UserCircuit Circuit, CircuitAuthentication Authentication) german;
        using (new ReaderCulture("de-AT"))
            german = await OpenAsync(registry, portal.Viewer);
        var heard = new List<string>();
        german.Authentication.AuthenticationStateChanged += _ => heard.Add($"{CultureInfo.CurrentCulture} {CultureInfo.CurrentUICulture}");
        using var other = new ReaderCulture("en-GB");

        await german.Circuit.CreateInboundActivityHandler(_ =>
        {
            heard.Add($"{CultureInfo.CurrentCulture} {CultureInfo.CurrentUICulture}");
            return Task.CompletedTask;
        })(null!);
        german.Circuit.End();

        Assert.Equal(["de-AT de-AT", "de-AT de-AT"], heard);
        Assert.Equal("en-GB", CultureInfo.CurrentUICulture.Name);
    }

    private sealed class DuringRead : DbCommandInterceptor
    {
        public Func<Task>? Happens { get; set; }

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            var happens = Happens;
            Happens = null;
            if (happens is not null)
                await happens();
            return result;
        }
    }

    private static Task SignedOutAsync(CircuitAuthentication authentication)
    {
        var signedOut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        authentication.AuthenticationStateChanged += async state =>
        {
            if ((await state).User.Identity is not { IsAuthenticated: true })
                signedOut.TrySetResult();
        };
        return signedOut.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static CircuitRegistry RegistryOf(TestPortal portal, int most) => new(
        portal.Services.GetRequiredService<UserStates>(), portal.Services.GetRequiredService<UserChanges>(),
        Options.Create(new CircuitLimits { MaximumPerUser = most }), portal.Clock, NullLogger<CircuitRegistry>.Instance);

    private static async Task<(UserCircuit Circuit, CircuitAuthentication Authentication)> OpenAsync(CircuitRegistry registry, Actor actor)
    {
        var authentication = new CircuitAuthentication();
        ClaimsIdentity identity = new(
            [
                new(ClaimTypes.NameIdentifier, actor.Id), new(PortalClaims.AccountId, actor.AccountId), new(PortalClaims.DisplayName, actor.Name),
                new(PortalClaims.SecurityStamp, actor.SecurityStamp!), new(ClaimTypes.Role, actor.Role.ToString()),
            ], "test");
        authentication.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(identity))));
        var circuit = new UserCircuit(registry, new SessionRecorder(null!, null!, null!, TimeProvider.System, NullLogger<SessionRecorder>.Instance), authentication, null!);
        await circuit.OnCircuitOpenedAsync(null!, default);
        return (circuit, authentication);
    }

    private static async Task<bool> IsSignedInAsync(CircuitAuthentication authentication) =>
        (await authentication.GetAuthenticationStateAsync()).User.Identity is { IsAuthenticated: true };
}
