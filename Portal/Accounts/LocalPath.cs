using Portal.Data;

namespace Portal.Accounts;

/// <summary>Restricts the address to open after an action to paths of Portal, because links can contain any address.</summary>
internal static class LocalPath
{
    /// <returns>The address if it is a local path; otherwise <paramref name="fallback"/>.</returns>
    public static string OrDefault(string? address, string fallback) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) && !IsLogout(address) && !SecretText.Holds(address) ? address : fallback;

    /// <param name="pathBase">The path prefix of Portal, such as <c>/portal</c>; empty: none. The address may begin with it.</param>
    /// <returns>The local path, including <paramref name="pathBase"/>.</returns>
    public static string OrDefault(string? address, string fallback, string pathBase) =>
        pathBase + OrDefault(address is not null && IsBelow(address, pathBase) ? address[pathBase.Length..] : address, fallback);

    private static bool IsBelow(string address, string pathBase) =>
        address.StartsWith(pathBase, StringComparison.OrdinalIgnoreCase) && (address.Length == pathBase.Length || address[pathBase.Length] is '/' or '?');

    /// <summary>Whether the address is the sign-out endpoint, which isn't a page.</summary>
    private static bool IsLogout(string address) => address.StartsWith(AccountsExtensions.LogoutPath, StringComparison.OrdinalIgnoreCase);
}
