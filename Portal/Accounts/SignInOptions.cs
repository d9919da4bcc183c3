using System.ComponentModel.DataAnnotations;

namespace Portal.Accounts;

/// <summary>How many failed sign-ins are let through before further ones are refused unseen.</summary>
/// <remarks>Each limit is a bucket that holds that many failures and drains within <see cref="WindowMinutes"/>. Successful sign-ins are
/// not counted.</remarks>
public sealed class SignInOptions
{
    public const string Section = "SignIn";

    /// <summary>From one client address (of IPv6: one /64 network), for whatever account.</summary>
    [Range(1, 10_000, ErrorMessage = $"{Section}:{nameof(FailuresPerAddress)} must be from 1 to 10000.")]
    public int FailuresPerAddress { get; set; } = 30;

    /// <summary>For one account from one address; and for one account from a browser that has signed in to it before.</summary>
    [Range(1, 1000, ErrorMessage = $"{Section}:{nameof(FailuresPerAddressAndAccount)} must be from 1 to 1000.")]
    public int FailuresPerAddressAndAccount { get; set; } = 5;

    /// <summary>For one account from all addresses together. A browser that has signed in to the account before is not affected.</summary>
    [Range(1, 100_000, ErrorMessage = $"{Section}:{nameof(FailuresPerAccount)} must be from 1 to 100000.")]
    public int FailuresPerAccount { get; set; } = 100;

    [Range(1, 1440, ErrorMessage = $"{Section}:{nameof(WindowMinutes)} must be from 1 to 1440.")]
    public int WindowMinutes { get; set; } = 5;

    /// <summary>For how many days a browser is remembered that has signed in.</summary>
    [Range(1, 3650, ErrorMessage = $"{Section}:{nameof(KnownDeviceDays)} must be from 1 to 3650.")]
    public int KnownDeviceDays { get; set; } = 180;

    /// <summary>How many passwords may wait to be checked; beyond it, people are asked to try again.</summary>
    [Range(1, 1000, ErrorMessage = $"{Section}:{nameof(MaximumWaiting)} must be from 1 to 1000.")]
    public int MaximumWaiting { get; set; } = 20;
}
