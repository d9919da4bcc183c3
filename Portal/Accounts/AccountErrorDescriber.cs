using Microsoft.AspNetCore.Identity;
using Portal.Localization;

namespace Portal.Accounts;

/// <summary>Localizes Identity's errors about a user. <see cref="AccountService"/> checks everything else first.</summary>
internal sealed class AccountErrorDescriber : IdentityErrorDescriber
{
    public override IdentityError DefaultError() => new() { Code = nameof(DefaultError), Description = Texts.Account_UnknownFailure };

    public override IdentityError InvalidEmail(string? email) => new() { Code = nameof(InvalidEmail), Description = Texts.Account_EmailInvalid };

    public override IdentityError DuplicateEmail(string email) => new() { Code = nameof(DuplicateEmail), Description = Texts.Account_EmailTaken.With(email) };

    public override IdentityError PasswordRequiresUniqueChars(int uniqueChars) =>
        new() { Code = nameof(PasswordRequiresUniqueChars), Description = Texts.Account_PasswordUniqueCharacters.With(uniqueChars) };
}
