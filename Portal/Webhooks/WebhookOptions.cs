using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Webhooks;

/// <summary>The section <c>Webhooks</c> of the configuration.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Private networks to which Portal may send, as addresses or in CIDR notation. To public addresses it may always send.</summary>
    public List<string> AllowedNetworks { get; init => field = value ?? []; } = [];

    /// <summary>The number of days after which an endpoint is switched off if every attempt fails.</summary>
    [Range(1, 365, ErrorMessage = "Webhooks:DisableAfterDays must be 1 to 365 days.")]
    public int DisableAfterDays { get; init; } = 3;

    /// <summary>The number of days after which deliveries are removed.</summary>
    [Range(1, 3660, ErrorMessage = "Webhooks:RetentionDays must be 1 to 3660 days.")]
    public int RetentionDays { get; init; } = 30;
}

/// <summary>Stops the start if a network can't be read.</summary>
internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var faults = options.AllowedNetworks.Index()
            .Where(entry => !AddressRangeFormat.TryParse(entry.Item, out _, out _))
            .Select(entry => $"{WebhookOptions.Section}:AllowedNetworks:{entry.Index} \"{entry.Item}\" must be an address, like 10.0.0.7, or a network, like 10.0.0.0/24.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
