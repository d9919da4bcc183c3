using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Audit.Streaming;
using Portal.Tests.Support;

namespace Portal.Tests.Audit.Streaming;

/// <summary>The stream of a portal to a collector.</summary>
internal static class StreamSetup
{
    public static Dictionary<string, string?> FromTheBeginning => new() { ["Audit:Stream:Enabled"] = "true", ["Audit:Stream:From"] = "Beginning" };

    /// <summary>As in a process of its own.</summary>
    public static AuditStream StreamTo(this TestPortal portal, IAuditReceiver receiver) =>
        ActivatorUtilities.CreateInstance<AuditStream>(portal.Services, receiver, NullLogger<AuditStream>.Instance);

    /// <summary>Adds tokens, each of which adds an entry.</summary>
    public static async Task AddEntriesAsync(this TestPortal portal, int number)
    {
        for (var i = 0; i < number; i++)
            await portal.CreateAsync(name: $"Token {Guid.CreateVersion7()}");
    }
}
