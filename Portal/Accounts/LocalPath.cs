using Portal.Data;

namespace Portal.Accounts;

/// <summary>Keeps "where to go next" within Portal, whatever a link says.</summary>
internal static class LocalPath
{
    /// <returns>The address if it is a path of this site, else <paramref name="fallback"/>.</returns>
    public static string OrDefault(string? address, string fallback) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) && !IsLogout(address) && !SecretText.Holds(address) ? address : fallback;

    /// <summary>Nobody goes there, one is only sent from there.</summary>
    private static bool IsLogout(string address) => address.StartsWith(AccountsExtensions.LogoutPath, StringComparison.OrdinalIgnoreCase);
}
