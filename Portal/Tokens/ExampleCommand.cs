using Portal.Catalog;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>A command line that shows how to use a token.</summary>
public static class ExampleCommand
{
    /// <param name="baseAddress">Portal's own address, with a slash at the end.</param>
    /// <param name="headerValue">The API key, or a placeholder for it.</param>
    public static string Curl(string baseAddress, TokenDetails token, ModuleCatalog catalog, string headerValue)
    {
        var path = token.Permissions.FirstOrDefault(permission => permission.Enabled) is { } first && catalog.FindModule(first.ModuleId) is { } module
            ? module.Paths[0]
            : "/auth/context";
        return $"curl -H \"Authorization: {headerValue}\" {baseAddress}public/v1{path}";
    }
}
