using System.Text;
using Portal.Accounts;
using Portal.Data;

namespace Portal.Scim;

/// <summary>The rules for the attributes of users and groups.</summary>
internal static class ScimUserRules
{
    private const int LongestUserName = 256;

    /// <summary>Checks the attributes, and derives the name and the email address if they are missing.</summary>
    /// <exception cref="ScimException">An attribute is invalid.</exception>
    public static ScimUserInput Check(ScimUserInput input)
    {
        var userName = input.UserName ?? throw ScimException.InvalidValue("userName is missing. Every user needs one.");
        CheckText(userName, "userName", LongestUserName);
        CheckText(input.ExternalId, "externalId", ScimUser.ExternalIdLength);
        CheckText(input.GivenName, "name.givenName", ScimUser.NameLength);
        CheckText(input.FamilyName, "name.familyName", ScimUser.NameLength);
        CheckText(input.DisplayName, "displayName", PortalUser.DisplayNameLength);
        if (input.Email is { } sent && AccountRules.CheckEmail(sent) is not null)
            throw ScimException.InvalidValue($"The email address {ScimText.Quote(sent)} is not valid.");
        return input with
        {
            DisplayName = input.DisplayName ?? Shorten(TextRules.Clean($"{input.GivenName} {input.FamilyName}") ?? userName),
            Email = input.Email ?? (IsEmail(userName) ? userName : null),
        };
    }

    /// <exception cref="ScimException">The text is too long, or contains characters that aren't allowed.</exception>
    public static void CheckText(string? text, string attribute, int longest)
    {
        if (text is null)
            return;
        if (text.EnumerateRunes().Count() > longest)
            throw ScimException.InvalidValue($"{attribute} is too long. The limit is {longest} characters.");
        if (!IsText(text) || TextRules.Check(text, attribute, longest, allowLongHex: true) is not null)
            throw ScimException.InvalidValue($"{attribute} contains characters that are not allowed, such as control characters, or an API key.");
    }

    public static bool IsEmail(string? text) => text is not null && AccountRules.CheckEmail(text) is null;

    /// <summary>Whether the text can be compared.</summary>
    public static bool IsText(string text) => AccountRules.IsText(text);

    private static string Shorten(string name)
    {
        var result = new StringBuilder();
        foreach (var rune in name.EnumerateRunes().Take(PortalUser.DisplayNameLength))
            result.Append(rune);
        return result.ToString().Trim();
    }
}
