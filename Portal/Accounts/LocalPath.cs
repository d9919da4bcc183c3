namespace Portal.Accounts;

/// <summary>Keeps "where to go next" within Portal, whatever a link says.</summary>
internal static class LocalPath
{
    /// <returns>The address if it is a path of this site, else <paramref name="fallback"/>.</returns>
    public static string OrDefault(string? address, string fallback) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) && !IsLogout(address) ? address : fallback;

    /// <param name="pathBase">The path below which Portal lives, <c>/portal</c>; empty: none. The address may begin with it.</param>
    /// <returns>With <paramref name="pathBase"/> before it.</returns>
    public static string OrDefault(string? address, string fallback, string pathBase) =>
        pathBase + OrDefault(address is not null && IsBelow(address, pathBase) ? address[pathBase.Length..] : address, fallback);

    private static bool IsBelow(string address, string pathBase) =>
        address.StartsWith(pathBase, StringComparison.OrdinalIgnoreCase) && (address.Length == pathBase.Length || address[pathBase.Length] is '/' or '?');

    /// <summary>Nobody goes there, one is only sent from there.</summary>
    private static bool IsLogout(string address) => address.StartsWith(AccountsExtensions.LogoutPath, StringComparison.OrdinalIgnoreCase);
}
