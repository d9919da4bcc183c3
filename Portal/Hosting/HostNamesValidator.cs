using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Options;

namespace Portal.Hosting;

/// <summary>Stops the start if a host name can't occur in any request: Portal would refuse everyone.</summary>
/// <remarks>Reads the setting itself: the framework's own filter allows every host, because <see cref="AllowedHosts"/> replaces it.</remarks>
internal sealed class HostNamesValidator(IConfiguration configuration) : IValidateOptions<HostFilteringOptions>
{
    public ValidateOptionsResult Validate(string? name, HostFilteringOptions options)
    {
        var faults = AllowedHosts.Split(configuration[AllowedHosts.SettingName])
            .Where(host => !IsHost(host))
            .Select(host => $"AllowedHosts \"{host}\" must be *, a host name without scheme, port and path, like portal.example.com, or *.example.com.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsHost(string text) =>
        text == "*" || (text.StartsWith('[') && text.EndsWith(']'))
        || Uri.CheckHostName(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text) is UriHostNameType.Dns or UriHostNameType.IPv4;
}
