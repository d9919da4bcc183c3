using System.Data.Common;
using System.Reflection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Accounts;
using Portal.Audit;
using Portal.Data;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;

namespace Portal.Tests.Access;

/// <summary>Every service compares the actor with the current state of the database.</summary>
public sealed class AccessControlTests
{
    /// <summary>Services whose methods may take an actor without checking whether the session is still valid: the check itself, a sign-out, which ends
    /// what is left, and a loop over changes that each check.</summary>
    private static readonly Type[] NotAsked = [typeof(AccessControl), typeof(AccountService), typeof(BulkRunner)];

    /// <summary>What people can use while their second factor is overdue: their profile.</summary>
    private static readonly string[] OpenWithoutSecondFactor =
        ["CalendarService", "NoticeSettingsService", "PasskeyService", "PasswordChange", "ProfileService", "ProofService", "ProviderConnections", "ProviderProof", "SecondFactorPolicy", "SecondFactorService", "SessionService"];

    /// <summary>Everything that ends a session, as another program would write it.</summary>
    private static readonly Dictionary<string, string> Endings = new()
    {
        ["signed out, or another password"] = "UPDATE AspNetUsers SET SecurityStamp = 'another' WHERE Id = 'user-Administrator'",
        ["locked"] = "UPDATE AspNetUsers SET LockoutEnd = '2999-01-01 00:00:00+00:00' WHERE Id = 'user-Administrator'",
        ["demoted"] = "UPDATE AspNetUserRoles SET RoleId = 'Viewer' WHERE UserId = 'user-Administrator'",
        ["without a role"] = "DELETE FROM AspNetUserRoles WHERE UserId = 'user-Administrator'",
        ["deleted"] = "DELETE FROM AspNetUsers WHERE Id = 'user-Administrator'",
        ["moved to another account"] = $"UPDATE AspNetUsers SET AccountId = '{TestPortal.OtherAccount}' WHERE Id = 'user-Administrator'",
    };

    public static TheoryData<string> EndingNames => [.. Endings.Keys];

    [Theory]
    [MemberData(nameof(EndingNames))]
    public async Task Require_SessionEndedByAnotherProcess_IsRefusedWithinTwoSeconds(string ending)
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = await portal.CreateAsync();
        await portal.Reader.ListAsync(portal.Administrator, new TokenQuery());

        await portal.ExecuteAsync(Endings[ending]);
        portal.Clock.Advance(UserStates.MaximumAge);

        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Tokens.RevealAsync(portal.Administrator, key.Handle, KeySlot.Newest, AuditAction.KeyViewed));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Administrator, new TokenQuery()));
    }

    [Fact]
    public async Task Require_UserChangedInThisProcess_IsRefusedAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.Reader.ListAsync(portal.Administrator, new TokenQuery());
        await portal.Reader.ListAsync(portal.Operator, new TokenQuery());

        await using (var scope = portal.Services.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
            await users.UpdateSecurityStampAsync((await users.FindByIdAsync(portal.Administrator.Id))!);
            await users.RemoveFromRoleAsync((await users.FindByIdAsync(portal.Operator.Id))!, nameof(Role.Operator));
        }

        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Administrator, new TokenQuery()));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Operator, new TokenQuery()));
        await portal.Reader.ListAsync(portal.Viewer, new TokenQuery());
    }

    [Fact]
    public async Task Require_UserChangedWhileItWasRead_IsReadAgain()
    {
        var change = new ChangeAfterRead();
        await using var portal = await TestPortal.CreateAsync(services: services =>
            services.ConfigureDbContext<PortalDbContext>(options => options.AddInterceptors(change), ServiceLifetime.Singleton));
        change.Next = async () =>
        {
            await portal.ExecuteAsync("UPDATE AspNetUsers SET SecurityStamp = 'another'");
            portal.Services.GetRequiredService<UserChanges>().Publish(portal.Viewer.Id);
        };
        var access = portal.Services.GetRequiredService<AccessControl>();
        Assert.True(await access.IsCurrentAsync(portal.Viewer, TestContext.Current.CancellationToken));
        Assert.Null(change.Next);
        Assert.False(await access.IsCurrentAsync(portal.Viewer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Require_LockThatIsOver_StandsAgain()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.ExecuteAsync($"UPDATE AspNetUsers SET LockoutEnd = '{portal.Now.AddSeconds(5):yyyy-MM-dd HH:mm:ss}+00:00'");
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
        portal.Clock.Advance(TimeSpan.FromSeconds(6));
        await portal.Reader.ListAsync(portal.Viewer, new TokenQuery());
    }

    [Fact]
    public async Task Require_AnotherRoleThanTheStoredOne_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer with { Role = Role.Administrator }, new TokenQuery()));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer with { SecurityStamp = null }, new TokenQuery()));
        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer with { Id = "nobody" }, new TokenQuery()));
    }

    [Fact]
    public async Task Require_RoleIsTooLow_IsInTheLog()
    {
        var log = new LogRecorder();
        await using var portal = await TestPortal.CreateAsync(services: services => services.AddSingleton<ILoggerProvider>(log));
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Services.GetRequiredService<IpRuleService>().RequireAsync(portal.Viewer));
        Assert.Contains("The user user-Viewer with the role Viewer tried something that needs the role Administrator", log.Text, StringComparison.Ordinal);
    }

    /// <summary>Uses reflection, so that methods that are added later are checked too.</summary>
    [Fact]
    public async Task EveryServiceMethod_WithAnActor_AsksFirst()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.ExecuteAsync("UPDATE AspNetUsers SET SecurityStamp = 'another'");
        var methods = MethodsWithAnActor(portal);
        Assert.True(methods.Count >= 24, $"only {methods.Count} methods were found");

        List<string> silent = [];
        foreach (var method in methods)
        {
            object?[] arguments = [portal.Administrator, .. method.GetParameters().Skip(1).Select(parameter => DefaultOf(parameter.ParameterType))];
            if (await Record.ExceptionAsync(() => (Task)method.Invoke(portal.Services.GetRequiredService(method.DeclaringType!), arguments)!) is not SessionEndedException)
                silent.Add($"{method.DeclaringType!.Name}.{method.Name}");
        }

        Assert.Empty(silent);
    }

    [Fact]
    public async Task EveryServiceMethod_SecondFactorIsOverdue_IsRefusedExceptForTheOwnProfile()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["SecondFactor:Required"] = "Always" });
        await portal.ExecuteAsync("UPDATE AspNetUsers SET SecondFactorDueAt = '2030-01-01 00:00:00'");
        List<string> open = [];
        foreach (var method in MethodsWithAnActor(portal))
        {
            object?[] arguments = [portal.Administrator, .. method.GetParameters().Skip(1).Select(parameter => DefaultOf(parameter.ParameterType))];
            if (await Record.ExceptionAsync(() => (Task)method.Invoke(portal.Services.GetRequiredService(method.DeclaringType!), arguments)!) is not SecondFactorNeededException)
                open.Add(method.DeclaringType!.Name);
        }

        Assert.Equal(OpenWithoutSecondFactor, open.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>An account's ID doesn't identify the caller.</summary>
    [Fact]
    public async Task EveryServiceMethod_OfAnAccount_TakesAnActor()
    {
        await using var portal = await TestPortal.CreateAsync();
        var faults = typeof(AccessControl).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsPublic: true } && type != typeof(AddressRulesCache) && IsService(portal, type)) // asked by the gate, with a key
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters().Any(parameter => parameter.Name == "accountId"))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");
        Assert.Empty(faults);
    }

    private static List<MethodInfo> MethodsWithAnActor(TestPortal portal) =>
    [
        .. typeof(AccessControl).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsPublic: true } && !NotAsked.Contains(type) && IsService(portal, type))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters() is [var first, ..] && first.ParameterType == typeof(Actor)),
    ];

    private static bool IsService(TestPortal portal, Type type) => portal.Services.GetRequiredService<IServiceProviderIsService>().IsService(type);

    private static object? DefaultOf(Type type) => type == typeof(string) ? "SU-000-000-000" : type.IsValueType ? Activator.CreateInstance(type) : null;

    /// <summary>Makes a change after the next user has been read from the database.</summary>
    private sealed class ChangeAfterRead : DbCommandInterceptor
    {
        public Func<Task>? Next { get; set; }

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            if (Next is { } change && command.CommandText.Contains("SecurityStamp", StringComparison.Ordinal))
            {
                Next = null;
                // The result of the read doesn't change: a reader sees one state of the database.
                await change();
            }

            return result;
        }
    }
}
