using Microsoft.Extensions.Options;
using Portal.Access;

namespace Portal.Scim;

/// <summary>The settings of the SCIM endpoints.</summary>
public sealed class ScimOptions
{
    public const string Section = "Scim";
    internal const int ShortestToken = 32, LongestToken = 1_024;

    /// <summary>The token of the directory. Without a token, the endpoints don't exist.</summary>
    public string? Token { get; set; }

    /// <summary>A file with the token.</summary>
    public string? TokenFile { get; set; }

    /// <summary>A second token that is accepted while the directory changes from one to the other.</summary>
    public string? SecondToken { get; set; }

    /// <summary>A file with the second token.</summary>
    public string? SecondTokenFile { get; set; }

    /// <summary>The role of users whose groups give them none; null: they have none and can't sign in.</summary>
    public Role? DefaultRole { get; set; }

    /// <summary>The groups whose members have a role.</summary>
    public RoleGroups Roles { get; set; } = new();

    internal bool IsEnabled => IsSet(Token) || IsSet(TokenFile);

    internal static bool IsSet(string? setting) => !string.IsNullOrEmpty(setting);

    /// <summary>The names of groups for each role.</summary>
    public sealed class RoleGroups
    {
        public List<string> Viewer { get; set; } = [];
        public List<string> Operator { get; set; } = [];
        public List<string> Administrator { get; set; } = [];

        internal bool IsEmpty => Viewer.Count + Operator.Count + Administrator.Count == 0;
    }
}

/// <summary>Stops the start if a token can't be used. Messages don't contain the token.</summary>
internal sealed class ScimValidator : IValidateOptions<ScimOptions>
{
    public ValidateOptionsResult Validate(string? name, ScimOptions options)
    {
        string?[] faults =
        [
            FaultOf(nameof(ScimOptions.Token), options.Token, options.TokenFile),
            FaultOf(nameof(ScimOptions.SecondToken), options.SecondToken, options.SecondTokenFile),
            !options.IsEnabled && (ScimOptions.IsSet(options.SecondToken) || ScimOptions.IsSet(options.SecondTokenFile))
                ? $"{ScimOptions.Section}:{nameof(ScimOptions.SecondToken)} is set without {ScimOptions.Section}:{nameof(ScimOptions.Token)}. Set the first token." : null,
            options.DefaultRole is { } role && !Enum.IsDefined(role) ? $"{ScimOptions.Section}:{nameof(ScimOptions.DefaultRole)} must be Viewer, Operator or Administrator." : null,
        ];
        return faults.OfType<string>().ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }

    private static string? FaultOf(string setting, string? token, string? file)
    {
        var key = $"{ScimOptions.Section}:{setting}";
        if (ScimOptions.IsSet(token) && ScimOptions.IsSet(file))
            return $"{key} and {key}File are both set. Remove one of them.";
        try
        {
            return ScimTokens.Read(token, file) is not { } text || (text.Length is >= ScimOptions.ShortestToken and <= ScimOptions.LongestToken && text.All(IsOfToken))
                ? null
                : $"{(ScimOptions.IsSet(file) ? key + "File" : key)} must contain {ScimOptions.ShortestToken} to {ScimOptions.LongestToken} characters: letters, digits and -._~+/=. Create a token with: openssl rand -hex 32";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return $"{key}File: the file {file} can't be read. Check the path and give the user of Portal read access.";
        }
    }

    /// <summary>The characters that RFC 6750 allows.</summary>
    private static bool IsOfToken(char letter) => char.IsAsciiLetterOrDigit(letter) || "-._~+/=".Contains(letter, StringComparison.Ordinal);
}
