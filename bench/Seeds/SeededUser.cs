using Portal.Access;
using Portal.Accounts;

namespace Portal.Bench.Seeds;

/// <summary>An administrator of a seeded account, for parts that use the pages.</summary>
internal static class SeededUser
{
    public const string Email = "bench@example.com", Password = "a password for the bench";

    public static async Task CreateAsync(string program, string dataDirectory)
    {
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        await using var scope = app.Services.CreateAsyncScope();
        var (user, faults) = await scope.ServiceProvider.GetRequiredService<AccountService>()
            .CreateUserAsync(Seed.Actor.AccountId, new NewUser("Bench", Email, Password), Role.Administrator);
        if (user is null)
            throw new BenchException(string.Join(' ', faults.Select(fault => fault.Message)));
    }
}
