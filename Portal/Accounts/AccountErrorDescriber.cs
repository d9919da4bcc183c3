using Microsoft.AspNetCore.Identity;
using Portal.Localization;

namespace Portal.Accounts;

/// <summary>Says in the reader's language why Identity refused a user. <see cref="AccountService"/> checks first what else may be wrong.</summary>
internal sealed class AccountErrorDescriber : IdentityErrorDescriber
{
    public override IdentityError DefaultError() => new() { Code = nameof(DefaultError), Description = Texts.Account_UnknownFailure };

    public override IdentityError InvalidEmail(string? email) => new() { Code = nameof(InvalidEmail), Description = Texts.Account_EmailInvalid };

    public override IdentityError DuplicateEmail(string email) => new() { Code = nameof(DuplicateEmail), Description = Texts.Account_EmailTaken.With(email) };

    public override IdentityError PasswordRequiresUniqueChars(int uniqueChars) =>
        new() { Code = nameof(PasswordRequiresUniqueChars), Description = Texts.Account_PasswordUniqueCharacters.With(uniqueChars) };
}
