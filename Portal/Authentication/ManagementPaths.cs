namespace Portal.Authentication;

/// <summary>The path prefixes below the API's base path for which Portal itself responds, on behalf of the module that owns them.</summary>
public static class ManagementPaths
{
    public const string Tokens = "/auth/tokens";
    public const string Statistics = "/statistics/tokens";
    public const string Extensions = "/extensions";
    public const string Modules = "/modules";

    private static readonly HashSet<string> All = new([Tokens, Statistics, Extensions, Modules], StringComparer.OrdinalIgnoreCase);

    /// <param name="prefix">As in the catalog; case is ignored, as in routing.</param>
    public static bool Contains(string prefix) => All.Contains(prefix);
}
