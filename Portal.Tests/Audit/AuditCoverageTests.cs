using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

/// <summary>Every service method that changes something writes an audit entry, with which it also checks its actor again, see <see cref="ActorInterceptor"/>.</summary>
public sealed class AuditCoverageTests
{
    /// <summary>The methods that write no entry, and why.</summary>
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["NoticeSettingsService.SaveAsync"] = "which mails a person gets",
        ["ProfileService.ChangePreferencesAsync"] = "the appearance of the pages for the person alone",
        ["TokenViewService.SaveColumnsAsync"] = "the columns of the list for the person alone",
        ["ProofService.ProveAsync"] = "proves who the person is; a failure counts as a failed sign-in",
        ["ProofService.ProveByPasskeyAsync"] = "as above",
        ["ProviderProof.ProveAsync"] = "as above",
        ["SecondFactorService.BeginAsync"] = "prepares a second factor, which has an entry when it is confirmed",
        ["AccountService.SignOutAsync"] = "has an entry, even if the session has ended meanwhile",
    };

    [Fact]
    public async Task EveryChange_WritesAnEntry_OrIsExempt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var calls = new CallGraph(typeof(AuditLog).Assembly);
        var changes = Operations(portal).Where(method => calls.Reaches(method, IsWrite)).ToList();
        Assert.True(changes.Count > 50, $"{changes.Count} methods change something.");
        Assert.Contains(changes, method => method.Name == "DeleteAsync" && method.DeclaringType!.Name == "TokenService");

        var without = changes.Where(method => !calls.Reaches(method, IsEntry)).Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.Equal(Exempt.Keys.Order(StringComparer.Ordinal), without.Distinct().Order(StringComparer.Ordinal));
    }

    private static bool IsWrite(MethodBase called) =>
        called.Name.StartsWith(nameof(PortalDbContext.SaveChangesAsync), StringComparison.Ordinal)
        || (called.DeclaringType == typeof(EntityFrameworkQueryableExtensions) && called.Name.StartsWith("Execute", StringComparison.Ordinal))
        || (called.DeclaringType == typeof(RelationalDatabaseFacadeExtensions) && called.Name.StartsWith("ExecuteSql", StringComparison.Ordinal));

    private static bool IsEntry(MethodBase called) => called.DeclaringType == typeof(AuditLog) && called.Name == nameof(AuditLog.Add);

    private static IEnumerable<MethodInfo> Operations(TestPortal portal) => typeof(AccessControl).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsPublic: true } && type != typeof(AuditLog) && portal.Services.GetRequiredService<IServiceProviderIsService>().IsService(type))
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetParameters() is [var first, ..] && first.ParameterType == typeof(Actor));
}
