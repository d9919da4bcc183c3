using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Accounts;
using Portal.Audit;

namespace Portal.Tests.Accounts;

public sealed class AccountServiceTests
{
    private static readonly NewUser Ada = new("Ada", "ada@example.com", "a long sentence to remember");

    [Fact]
    public async Task SetUp_RightCode_MakesTheFirstAdministratorAndEndsTheFirstRun()
    {
        await using var run = await AccountRun.StartAsync();
        Assert.True(run.FirstRun.IsPending);

        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada)));

        Assert.False(run.FirstRun.IsPending);
        await using var context = await run.Portal.OpenAsync();
        var user = await context.Users.SingleAsync();
        Assert.Equal(("Ada", "ada@example.com"), (user.DisplayName, user.Email));
        Assert.Equal("Administrator", (await context.UserRoles.SingleAsync()).RoleId);
        Assert.Matches("^PA-[0-9]{3}-[0-9]{3}$", user.AccountId);
        var entry = Assert.Single(await run.Portal.AuditAsync());
        Assert.Equal((AuditAction.AccountCreated, user.AccountId, user.Id), (entry.Action, entry.AccountId, entry.ActorId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA-AAAA-AAAA-AAAA")]
    [InlineData("ÄÖÜ")]
    public async Task SetUp_WrongCode_IsRefused(string? code)
    {
        await using var run = await AccountRun.StartAsync();
        Assert.Equal(UserField.SetupCode, Assert.Single(await run.UseAsync(accounts => accounts.SetUpAsync(code, Ada))).Field);
        Assert.True(run.FirstRun.IsPending);
    }

    [Theory]
    [InlineData(" ", "Enter the setup code.")]
    [InlineData("AAAA-AAAA-AAAA-AAAA", "The setup code is incorrect.")]
    public async Task SetUp_CodeMissingOrWrong_SaysWhich(string code, string expected)
    {
        await using var run = await AccountRun.StartAsync();
        var refused = Assert.Single(await run.UseAsync(accounts => accounts.SetUpAsync(code, Ada)));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetUp_WrongCodesFromOneAddress_AreLimitedThere()
    {
        await using var run = await AccountRun.StartAsync();
        for (var i = 0; i < 5; i++)
            await run.UseAsync(accounts => accounts.SetUpAsync("wrong", Ada, IPAddress.Parse($"2001:db8::{i + 1}")));

        var refused = Assert.Single(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada, IPAddress.Parse("2001:db8::99"))));
        Assert.StartsWith("Too many wrong setup codes.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada, IPAddress.Parse("192.0.2.1"))));
    }

    [Fact]
    public async Task SetUp_CodeTypedByHand_ForgivesCaseSpacesAndHyphens()
    {
        await using var run = await AccountRun.StartAsync();
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync($"  {run.Code.ToLowerInvariant().Replace('-', ' ')} ", Ada)));
    }

    [Fact]
    public async Task SetUp_TwiceAtOnce_MakesOneAdministrator()
    {
        await using var run = await AccountRun.StartAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(
            () => run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada with { Email = $"ada{i}@example.com" })))));

        Assert.Single(outcomes, faults => faults.Count == 0);
        await using var context = await run.Portal.OpenAsync();
        Assert.Equal((1, 3), (await context.Users.CountAsync(), await context.Accounts.CountAsync()));
    }

    [Theory]
    [InlineData("", "ada@example.com", "a long sentence to remember", UserField.Name)]
    [InlineData("Ada\0", "ada@example.com", "a long sentence to remember", UserField.Name)]
    [InlineData("Ada", "", "a long sentence to remember", UserField.Email)]
    [InlineData("Ada", "ada", "a long sentence to remember", UserField.Email)]
    [InlineData("Ada", "ada@example.com", "short", UserField.Password)]
    [InlineData("Ada", "ada@example.com", "aaaaaaaaaaaaaaaa", UserField.Password)] // Identity's own rule: too few different characters
    [InlineData("Ada", "ada@example.com", "it is ada@example.com", UserField.Password)]
    public async Task SetUp_WrongInput_PointsAtTheFieldAndStoresNothing(string name, string email, string password, UserField field)
    {
        await using var run = await AccountRun.StartAsync();

        var faults = await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser(name, email, password)));

        Assert.Equal([field], faults.Select(fault => fault.Field));
        Assert.True(run.FirstRun.IsPending);
        await using var context = await run.Portal.OpenAsync();
        Assert.Equal((0, 2), (await context.Users.CountAsync(), await context.Accounts.CountAsync()));
        // The same person corrects the input and continues.
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada)));
    }

    [Theory]
    [InlineData("o'brien@example.com")]
    [InlineData("jürgen@example.com")]
    [InlineData("a&b=c/d@example.com")]
    public async Task SetUp_AddressWithOtherCharacters_IsFine(string email)
    {
        await using var run = await AccountRun.StartAsync();
        Assert.Empty(await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada with { Email = email })));
    }

    [Fact]
    public async Task Prepare_ThereIsAUser_PrintsNoCode()
    {
        await using var run = await AccountRun.StartAsync();
        await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, Ada));
        run.Log.Clear();

        await run.Portal.Services.PrepareFirstRunAsync();

        Assert.DoesNotContain(run.Log.Lines, line => line.Contains("Setup code", StringComparison.Ordinal));
        Assert.False(run.FirstRun.IsPending);
    }
}
