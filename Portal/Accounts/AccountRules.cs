using System.ComponentModel.DataAnnotations;
using System.Text;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts;

/// <summary>The rules for the name, email address and password of a user.</summary>
public static class AccountRules
{
    public const int ShortestPassword = 10;
    public const int LongestPassword = 256;
    public const int LongestEmail = 254;

    /// <summary>Only this many characters are rated, because rating takes longer the longer the password is.</summary>
    private const int MostRated = 72;

    /// <summary>zxcvbn's score, from 0 to 4. With 2, guessing takes more than 10,000 seconds offline.</summary>
    private const int LowestScore = 2;

    /// <summary>Checks all fields.</summary>
    internal static IEnumerable<UserError> Check(NewUser wanted)
    {
        var (name, email) = (wanted.Name.Trim(), wanted.Email.Trim());
        if (CheckName(name) is { } faultOfName)
            yield return new UserError(UserField.Name, faultOfName);
        if (CheckEmail(email) is { } faultOfEmail)
            yield return new UserError(UserField.Email, faultOfEmail);
        if (CheckPassword(wanted.Password, name, email) is { } faultOfPassword)
            yield return new UserError(UserField.Password, faultOfPassword);
    }

    /// <returns>The error message; null if the name is valid.</returns>
    public static string? CheckName(string name) =>
        name.Length == 0 ? Texts.Account_NameMissing : TextRules.Check(name, Texts.Setup_Name, PortalUser.DisplayNameLength);

    /// <returns>The error message; null if the address is valid.</returns>
    public static string? CheckEmail(string email) =>
        email.Length == 0 ? Texts.Account_EmailMissing
        : email.Length > LongestEmail || !new EmailAddressAttribute().IsValid(email) || TextRules.Check(email, Texts.Setup_Email, LongestEmail) is not null || !IsText(email) ? Texts.Account_EmailInvalid
        : null;

    /// <summary>Whether the text can be compared: .NET can't normalize noncharacters and halves of surrogate pairs.</summary>
    internal static bool IsText(string text) => !text.Contains('\uFFFE', StringComparison.Ordinal) && !text.Contains('\uFFFF', StringComparison.Ordinal) && !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    /// <summary>Checks the length, and that the password isn't easy to guess: a common password, a pattern, or the person's name or address.</summary>
    /// <returns>The error message; null if the password is valid.</returns>
    public static string? CheckPassword(string password, string name, string email)
    {
        if (password.Length is < ShortestPassword or > LongestPassword)
            return Texts.Account_PasswordLength.With(ShortestPassword, LongestPassword);
        if (email.Length > 0 && password.Contains(email, StringComparison.OrdinalIgnoreCase))
            return Texts.Account_PasswordContainsEmail;
        string[] known = [.. new[] { email }.Concat(email.Split('@', '.', '+', '-', '_')).Concat(name.Split(' ')).Append("portal").Where(word => word.Length > 2)];
        var rated = password.Length > MostRated ? password[..MostRated] : password;
        return Zxcvbn.Zxcvbn.MatchPassword(rated, known).Score < LowestScore ? Texts.Account_PasswordGuessable : null;
    }
}
