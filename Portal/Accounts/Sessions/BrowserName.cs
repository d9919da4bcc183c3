using Portal.Localization;

namespace Portal.Accounts.Sessions;

/// <summary>Describes a browser by its <c>User-Agent</c> header, so that people recognize it. Clients can send any text, so nothing depends on it.</summary>
internal static class BrowserName
{
    /// <summary>In this order: browsers also contain the names of others for compatibility.</summary>
    private static readonly (string Contained, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Contained, string Name)[] Systems =
        [("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <returns>Such as "Firefox, Linux"; the header itself if the browser isn't known.</returns>
    public static string Describe(string? userAgent)
    {
        if (string.IsNullOrEmpty(userAgent))
            return Texts.Profile_UnknownBrowser;
        var browser = Find(Browsers, userAgent);
        var system = Find(Systems, userAgent);
        return browser is null ? userAgent : system is null ? browser : $"{browser}, {system}";
    }

    private static string? Find((string Contained, string Name)[] known, string userAgent) =>
        known.FirstOrDefault(entry => userAgent.Contains(entry.Contained, StringComparison.Ordinal)).Name;
}
