using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Portal.Hosting;

/// <summary>The limits on the connections that Portal accepts. Beyond <see cref="Maximum"/>, a new connection is closed immediately.</summary>
internal sealed class ConnectionLimits
{
    public const string Section = "Portal:Connections";

    /// <summary>All connections, of browsers and programs.</summary>
    [Range(10, 1_000_000, ErrorMessage = $"{Section}:{nameof(Maximum)} must be from 10 to 1000000.")]
    public int Maximum { get; set; } = 20_000;

    /// <summary>Those of them that became a WebSocket: each open page, and those of modules through the gateway.</summary>
    [Range(1, 1_000_000, ErrorMessage = $"{Section}:{nameof(MaximumUpgraded)} must be from 1 to 1000000.")]
    public int MaximumUpgraded { get; set; } = 10_000;

    public static void Add(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ConnectionLimits>().BindConfiguration(Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ConnectionLimits>>((kestrel, limits) =>
        {
            kestrel.Limits.MaxConcurrentConnections = limits.Value.Maximum;
            kestrel.Limits.MaxConcurrentUpgradedConnections = limits.Value.MaximumUpgraded;
        });
    }
}
