using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Portal.Addresses;
using IPNetwork = System.Net.IPNetwork;

namespace Portal.Hosting;

/// <summary>The proxies that may report where a request came from; none by default.</summary>
/// <remarks>A proxy in front of Portal sends the client's address, scheme and host in <c>X-Forwarded-For</c>, <c>-Proto</c>,
/// <c>-Host</c> and <c>-Prefix</c>. Anybody else can send these headers too; from an address that is not named here they change nothing.</remarks>
internal sealed class TrustedProxies
{
    public const string SettingName = "Portal:TrustedProxies";

    /// <summary>Single addresses, and networks as <c>10.0.0.0/24</c>.</summary>
    public List<string> Addresses { get; } = [];

    /// <summary>Null if the text is neither an address nor a network.</summary>
    public static IPNetwork? Parse(string? text)
    {
        if (!AddressRangeFormat.TryParse(text, out var range, out _) || text!.AsSpan().IndexOfAny('-', '–') >= 0)
            return null;
        // Connections of IPv4 clients are compared as IPv4, whatever the socket reports.
        var bits = (range.IsIPv4 ? 32 : 128) - (int)UInt128.PopCount(range.Last - range.First);
        return new IPNetwork(AddressNumber.ToAddress(range.First), bits);
    }
}

/// <summary>Stops the start if an entry would trust no one or everyone.</summary>
internal sealed class TrustedProxiesValidator(IConfiguration configuration) : IValidateOptions<TrustedProxies>
{
    /// <summary>Set by ASPNETCORE_FORWARDEDHEADERS_ENABLED.</summary>
    private const string TrustEverybody = "ForwardedHeaders_Enabled";

    public ValidateOptionsResult Validate(string? name, TrustedProxies options)
    {
        var faults = options.Addresses
            .Select((text, i) => (Text: text, Key: $"{TrustedProxies.SettingName}:{i}"))
            .Where(entry => TrustedProxies.Parse(entry.Text) is null)
            .Select(entry => $"{entry.Key} \"{entry.Text}\" must be an address, like 10.0.0.7, or a network, like 10.0.0.0/24.")
            .ToList();
        var ranges = new List<AddressRange>();
        foreach (var (i, text) in options.Addresses.Index())
        {
            if (!AddressRangeFormat.TryParse(text, out var range, out _))
                continue;
            ranges.Add(range);
            if (WideAddresses.IsTooWide(range))
                faults.Add($"{TrustedProxies.SettingName}:{i} \"{text}\" is so wide that it includes clients, which could then choose their own address. List only your proxies.");
        }

        if (faults.Count == 0 && WideAddresses.AreTooWide(ranges))
            faults.Add($"{TrustedProxies.SettingName} covers half of all addresses or more, so clients could choose their own address. List only your proxies.");
        if (!string.IsNullOrWhiteSpace(configuration[TrustedProxies.SettingName]))
            faults.Add($"{TrustedProxies.SettingName} must be a list: name its first entry {TrustedProxies.SettingName}:0.");
        if (string.Equals(configuration[TrustEverybody], "true", StringComparison.OrdinalIgnoreCase))
            faults.Add($"ASPNETCORE_FORWARDEDHEADERS_ENABLED lets every client choose its own address. Remove it, and list your proxies in {TrustedProxies.SettingName}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

internal static class TrustedProxiesExtensions
{
    private const string AllowedHosts = "AllowedHosts";

    public static void AddTrustedProxies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TrustedProxies>()
            .Configure<IConfiguration>((options, configuration) =>
                options.Addresses.AddRange(configuration.GetSection(TrustedProxies.SettingName).GetChildren().Select(entry => entry.Value ?? "")))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TrustedProxies>, TrustedProxiesValidator>();
        builder.Services.AddOptions<HostFilteringOptions>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<HostFilteringOptions>, HostNamesValidator>();
    }

    /// <summary>Call it before any middleware that reads the client's address, the scheme or the host.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<IOptions<TrustedProxies>>().Value.Addresses;
        // Without a known proxy, the framework's middleware trusts every sender.
        if (proxies.Count == 0)
            return;
        app.UseMiddleware<ForwardedPrefix>(proxies.Select(TrustedProxies.Parse).Select(network => network!.Value).ToArray());
        app.Use((context, next) =>
        {
            // A proxy may pass on a client's header, which must not set a scheme such as javascript.
            if (context.Request.Headers["X-Forwarded-Proto"].SelectMany(schemes => (schemes ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(scheme => !IsWeb(scheme)))
                context.Request.Headers.Remove("X-Forwarded-Proto");
            return next(context);
        });
        app.UseForwardedHeaders(OptionsFor(proxies, app.Configuration[AllowedHosts]));
    }

    private static bool IsWeb(string scheme) =>
        scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || scheme.Equals("https", StringComparison.OrdinalIgnoreCase);

    /// <param name="allowedHosts">The setting of that name: separated by semicolons; an asterisk for any host.</param>
    private static ForwardedHeadersOptions OptionsFor(List<string> proxies, string? allowedHosts)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            // No limit: the first address in the chain that isn't a trusted proxy's is the client's.
            ForwardLimit = null,
            AllowedHosts = [.. (allowedHosts ?? "*").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in proxies.Select(TrustedProxies.Parse))
            options.KnownIPNetworks.Add(network!.Value);
        return options;
    }
}
