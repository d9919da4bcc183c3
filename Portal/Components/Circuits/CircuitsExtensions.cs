using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Options;
using Portal.Data.Nodes;

namespace Portal.Components.Circuits;

/// <summary>Registers the services of this folder, which track circuits and their users.</summary>
internal static class CircuitsExtensions
{
    public static void AddCircuits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CircuitLimits>().BindConfiguration(CircuitLimits.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<CircuitOptions>().Configure<IOptions<CircuitLimits>>((blazor, limits) =>
        {
            blazor.DisconnectedCircuitMaxRetained = limits.Value.MaximumDisconnected;
            blazor.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(limits.Value.DisconnectedSeconds);
        });
        builder.Services.AddSingleton<CircuitRegistry>();
        builder.Services.AddSingleton<IHandover, CircuitHandover>();
        builder.Services.AddScoped<UserCircuit>();
        builder.Services.AddScoped<Shared.IUserActivity>(services => services.GetRequiredService<UserCircuit>());
        builder.Services.AddScoped<CircuitHandler>(services => services.GetRequiredService<UserCircuit>());
        builder.Services.AddScoped<AuthenticationStateProvider, CircuitAuthentication>();
        builder.Services.AddHostedService<SessionWatch>();
    }
}
