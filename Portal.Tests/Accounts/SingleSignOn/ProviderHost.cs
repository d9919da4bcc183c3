using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>A Portal with several providers: <c>real</c> is OpenIddict, and the others are the same <see cref="ForgedProvider"/> with other settings.</summary>
public sealed class ProviderHost : IAsyncLifetime
{
    internal PortalHost Portal { get; private set; } = null!;
    internal TestProvider Real { get; private set; } = null!;
    internal ForgedProvider Forged { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (Real, Forged) = (await TestProvider.StartAsync(), await ForgedProvider.StartAsync());
        var settings = new Dictionary<string, string>
        {
            ["Portal:TrustedProxies:0"] = "127.0.0.1",
            // The levels at which the most is logged about sign-ins.
            ["Logging:LogLevel:Microsoft.AspNetCore.Authentication"] = "Trace",
            ["Logging:LogLevel:Portal"] = "Trace",
            ["SignIn:Providers:real:DisplayName"] = "Example Login",
            ["SignIn:Providers:real:Authority"] = Real.Address,
            ["SignIn:Providers:real:ClientId"] = TestProvider.ClientId,
            ["SignIn:Providers:real:ClientSecret"] = TestProvider.ClientSecret,
            ["SignIn:Providers:real:NewUsers"] = "Create",
            ["SignIn:Providers:real:Roles:Administrator:0"] = "admins",
            ["SignIn:Providers:real:Roles:Operator:0"] = "operators",
            ["SignIn:Providers:real:Roles:Viewer:0"] = "viewers",
        };
        void Add(string name, params (string Setting, string Value)[] more)
        {
            foreach (var (setting, value) in more.Prepend(("Authority", Forged.Address)).Concat([("ClientId", name), ("ClientSecret", "the secret of " + name), ("DisplayName", "Forged " + name)]))
                settings[$"SignIn:Providers:{name}:{setting}"] = value;
        }

        Add("create", ("NewUsers", "Create"), ("DefaultRole", "Viewer"));
        Add("invited");
        Add("domain", ("NewUsers", "Create"), ("DefaultRole", "Viewer"), ("AllowedDomains:0", "example.org"));
        Add("group", ("NewUsers", "Create"), ("DefaultRole", "Viewer"), ("AllowedGroups:0", "portal"));
        Add("mfa", ("NewUsers", "Create"), ("DefaultRole", "Viewer"), ("RequireMultiFactor", "true"), ("MultiFactorAcr:0", "gold"));
        Add("scim", ("ScimIdClaim", "sub"));
        Add("directory", ("ScimIdClaim", "sub"), ("Roles:Operator:0", "operators"));
        Add("code", ("NewUsers", "Create"), ("DefaultRole", "Viewer"), ("AskSecondFactor", "true"));
        Add("down", ("Authority", "http://127.0.0.1:1"));
        Add("lying", ("Authority", Forged.Address + "/other"));
        // Not as arguments, where Portal refuses secrets.
        Portal = new PortalHost("Development", configure: builder => builder.ConfigureAppConfiguration((_, configuration) => configuration.AddInMemoryCollection(settings!)));
        await Portal.InitializeAsync();
        Real.Clock.Clock = Forged.Clock.Clock = Portal.Clock;
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Real.DisposeAsync();
        await Forged.DisposeAsync();
    }

    internal ProviderBrowser Open() => new(Portal.Address);

    internal async Task<PortalUser?> FindUserAsync(string subject)
    {
        await using var context = await Portal.ContextAsync();
        var login = await context.UserLogins.SingleOrDefaultAsync(login => login.ProviderKey == subject, TestContext.Current.CancellationToken);
        return login is null ? null : await context.Users.SingleAsync(user => user.Id == login.UserId, TestContext.Current.CancellationToken);
    }

    /// <summary>A person of the real provider, signed in.</summary>
    internal async Task<(TestPerson Person, ProviderBrowser Browser)> ArriveAsync()
    {
        var (person, browser) = (Real.Add(TestPerson.Create() with { Groups = ["viewers"] }), Open());
        await browser.SignInAsync(person);
        Assert.Equal("/tokens", browser.Address.AbsolutePath);
        return (person, browser);
    }

    /// <summary>Signs in with the forged provider, under the settings of a section.</summary>
    /// <returns>The problem; null: the person is signed in.</returns>
    internal async Task<string?> ForgeAsync(string provider, TestPerson person)
    {
        Forged.Next = new Forgery { Person = person };
        using var browser = Open();
        await browser.OpenAsync($"/signin/{provider}/start");
        Assert.Equal(browser.Problem is null ? "/tokens" : "/login/problem", browser.Address.AbsolutePath);
        return browser.Problem;
    }

    /// <summary>The person in their latest session.</summary>
    internal async Task<Actor> ActorAsync(TestPerson person)
    {
        var user = (await FindUserAsync(person.Subject))!;
        var session = (await SessionsAsync(user)).MaxBy(session => session.CreatedAt)!;
        return new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer) { SecurityStamp = user.SecurityStamp, SessionId = session.Id };
    }

    /// <summary>The sessions of a user, the oldest first.</summary>
    internal async Task<List<UserSession>> SessionsAsync(PortalUser user)
    {
        await using var context = await Portal.ContextAsync();
        return await context.UserSessions.Where(session => session.UserId == user.Id).OrderBy(session => session.CreatedAt).ToListAsync(TestContext.Current.CancellationToken);
    }

    internal async Task<List<AuditEntry>> AuditAsync(string subject)
    {
        var user = (await FindUserAsync(subject))!;
        await using var context = await Portal.ContextAsync();
        return await context.AuditEntries.Where(entry => entry.TargetId == user.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    internal async Task DisableAsync(string userId, bool isDisabled)
    {
        await using var context = await Portal.ContextAsync();
        var user = await context.Users.SingleAsync(user => user.Id == userId, TestContext.Current.CancellationToken);
        user.LockoutEnd = isDisabled ? DateTimeOffset.MaxValue : null;
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    internal async Task<string> RoleOfAsync(string subject)
    {
        var user = await FindUserAsync(subject);
        await using var context = await Portal.ContextAsync();
        return await context.UserRoles.Where(held => held.UserId == user!.Id).Select(held => held.RoleId).SingleAsync(TestContext.Current.CancellationToken);
    }
}

[CollectionDefinition(Name)]
public sealed class ProviderTests : ICollectionFixture<ProviderHost>
{
    public const string Name = "Identity providers";
}
