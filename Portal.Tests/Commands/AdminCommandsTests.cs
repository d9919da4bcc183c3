using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary>The commands for users, while Portal is stopped. <see cref="RunningPortalTests"/> has the same beside a running one.</summary>
public sealed class AdminCommandsTests : IAsyncLifetime
{
    private const string Administrator = "user-Administrator@example.com";

    private readonly TemporaryDirectory _folder = new();

    public async ValueTask InitializeAsync()
    {
        await using var portal = await TestPortal.CreateAsync(_folder.Path);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Add_NewPerson_PrintsALinkThatIsStoredAsAHash()
    {
        var added = (await RunAsync("add", "new@example.com", "--role", "operator", "--account", TestPortal.Account, "--address", "https://portal.example.com/", "--json")).AssertDone();

        var link = added.GetProperty("link").GetString()!;
        Assert.StartsWith("https://portal.example.com/join#", link, StringComparison.Ordinal);
        await using var context = StoredData.Open(_folder.Path);
        var stored = await context.OneTimeLinks.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(link.Split('#')[1])), stored.CodeHash);
        Assert.Equal(("new@example.com", "Operator", $"Command line ({Environment.UserName})"), (stored.Email, stored.Role, stored.CreatedByName));
        var entry = await context.AuditEntries.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((AuditAction.UserInvited, "system", $"Command line ({Environment.UserName})"), (entry.Action, entry.ActorKind, entry.ActorName));
    }

    [Fact]
    public async Task ResetPassword_OfTheLastAdministrator_EndsThePasswordAndPrintsALink()
    {
        var reset = (await RunAsync("reset-password", Administrator.ToUpperInvariant(), "--json")).AssertDone();

        Assert.StartsWith("/new-password#", reset.GetProperty("link").GetString(), StringComparison.Ordinal);
        await using var context = StoredData.Open(_folder.Path);
        var user = await context.Users.SingleAsync(user => user.Id == "user-Administrator", TestContext.Current.CancellationToken);
        Assert.Null(user.PasswordHash);
        Assert.NotEqual(TestUsers.StampOf(user.Id), user.SecurityStamp);
    }

    [Fact]
    public async Task SignInLink_OfAUser_PrintsALinkForAQuarterOfAnHour()
    {
        var issued = (await RunAsync("sign-in-link", Administrator, "--json")).AssertDone();

        Assert.StartsWith("/sign-in-link#", issued.GetProperty("link").GetString(), StringComparison.Ordinal);
        await using var context = StoredData.Open(_folder.Path);
        var link = await context.OneTimeLinks.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((OneTimeLinkPurpose.SignIn, "user-Administrator", TimeSpan.FromMinutes(15)), (link.Purpose, link.UserId, link.ExpiresAt - link.CreatedAt));
        var entry = await context.AuditEntries.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((AuditAction.SignInLinkCreated, "system"), (entry.Action, entry.ActorKind));
    }

    [Fact]
    public async Task Unlock_DisabledUser_CanSignInAgain()
    {
        await ChangeAsync(user => user.LockoutEnd = DateTimeOffset.MaxValue);
        Assert.True(await IsDisabledAsync());

        Assert.Equal(0, (await RunAsync("unlock", Administrator)).ExitCode);

        Assert.False(await IsDisabledAsync());
    }

    [Fact]
    public async Task DisableSecondFactor_UserWithOne_NeedsOnlyThePassword()
    {
        await using (var context = StoredData.Open(_folder.Path))
        {
            context.UserSecondFactors.Add(new UserSecondFactor { UserId = "user-Administrator", ProtectedKey = [1], ConfirmedAt = TestPortal.Start });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await RunAsync("disable-2fa", Administrator)).ExitCode);

        Assert.False((await ListAsync()).Single(user => user.GetProperty("email").GetString() == Administrator).GetProperty("secondFactor").GetBoolean());
    }

    [Fact]
    public async Task List_PeopleOfAllAccounts_HasRolesAndInvitations()
    {
        await RunAsync("add", "new@example.com", "--account", TestPortal.OtherAccount, "--role", "Viewer");

        var people = (await ListAsync()).Select(person =>
            $"{person.GetProperty("account")} {person.GetProperty("email")} {person.GetProperty("role")} {person.GetProperty("invited")}").ToList();

        Assert.Contains($"{TestPortal.Account} user-Viewer@example.com viewer False", people);
        Assert.Contains($"{TestPortal.OtherAccount} new@example.com viewer True", people);
        Assert.Equal(5, people.Count);
    }

    [Fact]
    public async Task Commands_WrongInput_FailWithOneLine()
    {
        (await RunAsync("add", "new@example.com")).AssertFailed("There are several accounts. Choose one with --account", exitCode: 2);
        (await RunAsync("add", "new@example.com", "--account", "PA-999-999")).AssertFailed("There is no account PA-999-999.");
        (await RunAsync("add", "not an address", "--account", TestPortal.Account)).AssertFailed("Enter an email address");
        (await RunAsync("add", Administrator, "--account", TestPortal.Account)).AssertFailed("already");
        (await RunAsync("reset-password", "nobody@example.com")).AssertFailed("There is no user with the address nobody@example.com.");
    }

    [Fact]
    public async Task Commands_NoPortalOrAnotherVersion_FailWithOneLine()
    {
        using var empty = new TemporaryDirectory();
        (await ProgramRun.RunCommandAsync("admin", "list", "--data-directory", empty.Path)).AssertFailed("There is no Portal in");
        Assert.Empty(Directory.GetFileSystemEntries(empty.Path));
        await MigratedDatabase.CopyToAsync(empty.Path);
        (await ProgramRun.RunCommandAsync("admin", "add", "new@example.com", "--data-directory", empty.Path)).AssertFailed("Portal has not been set up yet.");

        await using (var context = StoredData.Open(_folder.Path))
            await context.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%_Users'""", TestContext.Current.CancellationToken);
        (await RunAsync("list")).AssertFailed("is of an earlier version of Portal. Start this version of Portal once");
    }

    private Task<CommandResult> RunAsync(params string[] args) => ProgramRun.RunCommandAsync(["admin", .. args, "--data-directory", _folder.Path]);

    private async Task<List<JsonElement>> ListAsync() => [.. (await RunAsync("list", "--json")).AssertDone().EnumerateArray()];

    private async Task<bool> IsDisabledAsync() =>
        (await ListAsync()).Single(user => user.GetProperty("email").GetString() == Administrator).GetProperty("disabled").GetBoolean();

    private async Task ChangeAsync(Action<PortalUser> change)
    {
        await using var context = StoredData.Open(_folder.Path);
        change(await context.Users.SingleAsync(user => user.Id == "user-Administrator", TestContext.Current.CancellationToken));
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
