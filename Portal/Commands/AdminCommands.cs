using System.CommandLine;
using System.Globalization;
using Portal.Access;
using Portal.Accounts.Users;

namespace Portal.Commands;

/// <summary>The commands that manage users. They work beside a running Portal, which applies each change within <see cref="UserStates.MaximumAge"/>.</summary>
internal static class AdminCommands
{
    public static Command Create(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var commands = new Administration(options, addParts);
        return new Command("admin", "Manages the users who can sign in. Works while Portal runs, which applies a change within two seconds.")
        {
            commands.Add(),
            commands.List(),
            commands.OfUser(
                "reset-password", "Ends the password and the sessions of a user, and prints a link for a new password.", "The password is ended.",
                (users, actor, id, token) => users.ResetPasswordAsync(actor, id, token)),
            commands.OfUser(
                "unlock", "Lets a disabled user sign in again.", "The user can sign in.", (users, actor, id, token) => users.EnableAsync(actor, id, token)),
            commands.OfUser(
                "disable-2fa", "Removes the authenticator app, the recovery codes and the passkeys of a user, and ends the user's sessions.", "The password alone is enough to sign in.",
                (users, actor, id, token) => users.RemoveSecondFactorAsync(actor, id, token)),
            commands.SignInLink(),
        };
    }

    private delegate Task<UserOutcome> Change(UserService users, Actor actor, string userId, CancellationToken cancellation);

    private sealed record Result(string Email, string Status, string? Link, DateTime? ExpiresAt);

    private sealed record Listed(
        string Account, string Email, string Name, Role Role, bool Disabled, bool SecondFactor, DateTime? LastSignInAt, bool Invited);

    private sealed class Administration(CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        private readonly Argument<string> _email = new("email") { Description = "The email address of the user." };

        private readonly Option<string?> _address = new("--address")
        {
            Description = "The address under which people reach Portal, such as https://portal.example.com. Default: print the path of the link only.", HelpName = "url",
        };

        private readonly Option<string?> _account = new("--account") { Description = "The ID of the account, if there are several.", HelpName = "id" };

        private readonly Option<Role> _role = new("--role")
        {
            Description = "The role of the new user.", DefaultValueFactory = _ => Role.Administrator, HelpName = "role",
        };

        public Command Add()
        {
            _role.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Enum.GetNames<Role>());
            var command = new Command("add", "Invites a person, and prints the link with which they choose a name and a password.") { _email, _role, _account, _address };
            command.SetAction(async (parsed, cancellation) =>
            {
                await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
                var accounts = await app.Services.GetRequiredService<UserLookup>().AccountsAsync(cancellation);
                var email = parsed.GetRequiredValue(_email);
                var outcome = await app.Services.GetRequiredService<InvitationService>().InviteAsync(
                    Operator.Of(Choose(accounts, parsed.GetValue(_account))), email, parsed.GetValue(_role), cancellation);
                return Report(parsed, email, outcome, "Invited.");
            });
            return command;
        }

        public Command List()
        {
            var command = new Command("list", "Lists the users and the open invitations.");
            command.SetAction(async (parsed, cancellation) =>
            {
                await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
                var people = new List<Listed>();
                foreach (var account in await app.Services.GetRequiredService<UserLookup>().AccountsAsync(cancellation))
                {
                    var list = await app.Services.GetRequiredService<UserReader>().ListAsync(Operator.Of(account), cancellation);
                    people.AddRange(list.Users.Select(user => new Listed(
                        account, user.Email, user.Name, user.Role, user.IsDisabled, user.HasSecondFactor || user.Passkeys > 0, user.LastSignInAt, false)));
                    people.AddRange(list.Invitations.Select(invited => new Listed(account, invited.Email, "", invited.Role, false, false, null, true)));
                }

                options.Print(parsed, people, people.Count == 0 ? ["There are no users."] : people.Select(Describe));
                return ExitCode.Done;
            });
            return command;
        }

        public Command OfUser(string name, string description, string done, Change change)
        {
            var command = new Command(name, description) { _email, _address };
            command.SetAction(async (parsed, cancellation) =>
            {
                await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
                var email = parsed.GetRequiredValue(_email);
                var user = await app.Services.GetRequiredService<UserLookup>().FindAsync(email, cancellation) ?? throw Unknown(email);
                return Report(parsed, email, await change(app.Services.GetRequiredService<UserService>(), Operator.Of(user.AccountId), user.Id, cancellation), done);
            });
            return command;
        }

        public Command SignInLink()
        {
            var command = new Command(
                "sign-in-link", "Prints a link with which a user signs in once, without a password and without a provider. For when the provider doesn't work.") { _email, _address };
            command.SetAction(async (parsed, cancellation) =>
            {
                await using var app = await CommandServices.OpenAsync(parsed, options, addParts);
                await using var scope = app.Services.CreateAsyncScope();
                var email = parsed.GetRequiredValue(_email);
                var user = await app.Services.GetRequiredService<UserLookup>().FindAsync(email, cancellation) ?? throw Unknown(email);
                return Report(parsed, email, await scope.ServiceProvider.GetRequiredService<SignInLinks>().IssueAsync(Operator.Of(user.AccountId), user.Id, cancellation), "Created.");
            });
            return command;
        }

        private int Report(ParseResult parsed, string email, UserOutcome outcome, string done)
        {
            var link = outcome switch
            {
                UserOutcome.Done success => success.Link,
                UserOutcome.Invalid invalid => throw new CommandException(invalid.Faults[0].Message),
                UserOutcome.Refused refused => throw new CommandException(refused.Message),
                _ => throw Unknown(email),
            };
            var url = link is null ? null : parsed.GetValue(_address)?.TrimEnd('/') + "/" + link.Address;
            options.Print(parsed, new Result(email, done, url, link?.ExpiresAt), link is null
                ? [$"{email}: {done}"]
                : [$"{email}: {done} This link works once, until {Moment(link.ExpiresAt)}. Send it to the person over a channel that others can't read:", url!]);
            return ExitCode.Done;
        }

        private static CommandException Unknown(string email) =>
            new($"There is no user with the address {email}. Run Portal admin list to see all users.");

        private static string Choose(IReadOnlyList<string> accounts, string? wanted) => (accounts, wanted) switch
        {
            ([], _) => throw new CommandException("Portal has not been set up yet. Start it, open it in a browser, and enter the setup code from its log."),
            ([var only], null) => only,
            (_, null) => throw new CommandException($"There are several accounts. Choose one with --account: {string.Join(", ", accounts)}.", ExitCode.WrongUsage),
            _ when accounts.Contains(wanted) => wanted,
            _ => throw new CommandException($"There is no account {wanted}. The accounts are {string.Join(", ", accounts)}."),
        };
    }

    private static string Describe(Listed person) => string.Join("  ", new[]
    {
        person.Email, person.Role.ToString(), person.Name,
        person.Invited ? "invited" : person.Disabled ? "disabled" : "active",
        person.SecondFactor ? "second factor" : "",
        person.LastSignInAt is { } at ? $"last sign-in {Moment(at)}" : "",
    }.Where(part => part.Length > 0));

    private static string Moment(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
