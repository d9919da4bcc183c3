namespace Portal.Accounts;

/// <summary>Keeps "where to go next" within Portal, whatever a link says.</summary>
internal static class LocalPath
{
    /// <returns>The address if it is a path of this site, else <paramref name="fallback"/>.</returns>
    public static string OrDefault(string? address, string fallback) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : fallback;
}
