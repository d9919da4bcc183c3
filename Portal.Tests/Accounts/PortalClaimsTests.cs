using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Data;

namespace Portal.Tests.Accounts;

public sealed class PortalClaimsTests
{
    [Fact]
    public async Task ActorOf_SignedInAdministrator_IsThePersonInTheirAccount()
    {
        await using var run = await AccountRun.StartAsync();
        await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", "ada@example.com", "a long sentence to remember")));
        await using var scope = run.Portal.Services.CreateAsyncScope();
        var user = (await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().FindByEmailAsync("ada@example.com"))!;

        var principal = await scope.ServiceProvider.GetRequiredService<IUserClaimsPrincipalFactory<PortalUser>>().CreateAsync(user);

        Assert.Equal(new Actor(ActorKind.User, user.Id, "Ada", user.AccountId, Role.Administrator) { SecurityStamp = user.SecurityStamp }, principal.ToActor());
    }

    [Fact]
    public void ToActor_NobodySignedIn_IsAnError() => Assert.Throws<InvalidOperationException>(() => new ClaimsPrincipal(new ClaimsIdentity()).ToActor());
}
