using System.ComponentModel.DataAnnotations;
using Portal.Accounts.SingleSignOn;

namespace Portal.Accounts;

/// <summary>How people sign in, and the numbers of failed sign-ins after which further ones are refused without checking the password.</summary>
/// <remarks>Each limit is a leaky bucket that holds this number of failures and drains within <see cref="WindowMinutes"/>. Successful
/// sign-ins don't count.</remarks>
public sealed class SignInOptions
{
    public const string Section = "SignIn";

    /// <summary>The limit for one client address (for IPv6, one /64 network), across all accounts.</summary>
    [Range(1, 10_000, ErrorMessage = $"{Section}:{nameof(FailuresPerAddress)} must be from 1 to 10000.")]
    public int FailuresPerAddress { get; set; } = 30;

    /// <summary>The limit for one account from one address, and for one account from a browser that has signed in to it before.</summary>
    [Range(1, 1000, ErrorMessage = $"{Section}:{nameof(FailuresPerAddressAndAccount)} must be from 1 to 1000.")]
    public int FailuresPerAddressAndAccount { get; set; } = 5;

    /// <summary>The limit for one account from all addresses. It doesn't apply to browsers that have signed in to the account before.</summary>
    [Range(1, 100_000, ErrorMessage = $"{Section}:{nameof(FailuresPerAccount)} must be from 1 to 100000.")]
    public int FailuresPerAccount { get; set; } = 100;

    [Range(1, 1440, ErrorMessage = $"{Section}:{nameof(WindowMinutes)} must be from 1 to 1440.")]
    public int WindowMinutes { get; set; } = 5;

    /// <summary>The number of days for which a browser that has signed in is recognized.</summary>
    [Range(1, 3650, ErrorMessage = $"{Section}:{nameof(KnownDeviceDays)} must be from 1 to 3650.")]
    public int KnownDeviceDays { get; set; } = 180;

    /// <summary>The maximum number of passwords that wait to be checked. Further users are asked to try again.</summary>
    [Range(1, 1000, ErrorMessage = $"{Section}:{nameof(MaximumWaiting)} must be from 1 to 1000.")]
    public int MaximumWaiting { get; set; } = 20;

    /// <summary>Whether people can sign in with a password. If not, they need a provider.</summary>
    public bool Password { get; set; } = true;

    /// <summary>The identity providers with which people can sign in, by name.</summary>
    public Dictionary<string, ProviderOptions> Providers { get; set; } = new(StringComparer.Ordinal);
}
