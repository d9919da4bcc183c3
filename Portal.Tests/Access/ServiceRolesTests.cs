using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Tests.Support;
using Portal.Tokens.Bulk;

namespace Portal.Tests.Access;

/// <summary>Every operation of a service, with the lowest role that may use it. Lower roles are refused before anything else happens.</summary>
public sealed class ServiceRolesTests
{
    /// <summary>The check itself, a sign-out, and a loop over changes that each check.</summary>
    private static readonly Type[] WithoutRole = [typeof(AccessControl), typeof(AccountService), typeof(BulkRunner)];

    private static readonly Dictionary<string, Role> LowestRoles = new(StringComparer.Ordinal)
    {
        ["AccountReader.FindAsync"] = Role.Viewer,
        ["ActivityReader.ReadAsync"] = Role.Viewer,
        ["AddressChecker.CheckAsync"] = Role.Administrator,
        ["ApprovalService.ApproveAsync"] = Role.Administrator,
        ["ApprovalService.CountWaitingAsync"] = Role.Administrator,
        ["ApprovalService.DeclineAsync"] = Role.Administrator,
        ["ApprovalService.FindAsync"] = Role.Operator,
        ["ApprovalService.ListDecidedAsync"] = Role.Operator,
        ["ApprovalService.ListOfTokenAsync"] = Role.Operator,
        ["ApprovalService.ListWaitingAsync"] = Role.Operator,
        ["ApprovalService.WithdrawAsync"] = Role.Operator,
        ["AuditChecker.CheckAsync"] = Role.Administrator,
        ["AuditExporter.OpenAsync"] = Role.Administrator,
        ["AuditReader.FindPartyAsync"] = Role.Administrator,
        ["AuditReader.ListAsync"] = Role.Administrator,
        ["AuditReader.ListOfTokenAsync"] = Role.Viewer,
        ["CalendarService.EndAsync"] = Role.Viewer,
        ["CalendarService.ReadAsync"] = Role.Viewer,
        ["CalendarService.RenewAsync"] = Role.Viewer,
        ["InvitationService.InviteAsync"] = Role.Administrator,
        ["InvitationService.WithdrawAsync"] = Role.Administrator,
        ["IpRulePreviewer.AddAsync"] = Role.Administrator,
        ["IpRulePreviewer.RemoveAsync"] = Role.Administrator,
        ["IpRulePreviewer.TryAsync"] = Role.Administrator,
        ["IpRuleService.AddAsync"] = Role.Administrator,
        ["IpRuleService.ListAsync"] = Role.Viewer,
        ["IpRuleService.RemoveAsync"] = Role.Administrator,
        ["IpRuleService.RequireAsync"] = Role.Administrator,
        ["KeyTracer.TraceAsync"] = Role.Viewer,
        ["NodeReader.ListAsync"] = Role.Administrator,
        ["NodeReader.ReadServersAsync"] = Role.Administrator,
        ["NoticeList.ReadAsync"] = Role.Viewer,
        ["TokenReader.FindPurgedAsync"] = Role.Viewer,
        ["TokenReader.ListDeletedAsync"] = Role.Viewer,
        ["NoticeSettingsService.ReadAsync"] = Role.Viewer,
        ["NoticeSettingsService.SaveAsync"] = Role.Viewer,
        ["OwnerReader.CountAsync"] = Role.Administrator,
        ["OwnerReader.ListAsync"] = Role.Viewer,
        ["PasskeyService.AddAsync"] = Role.Viewer,
        ["PasskeyService.BeginAsync"] = Role.Viewer,
        ["PasskeyService.ListAsync"] = Role.Viewer,
        ["PasskeyService.ProposeNameAsync"] = Role.Viewer,
        ["PasskeyService.RemoveAsync"] = Role.Viewer,
        ["PasskeyService.RenameAsync"] = Role.Viewer,
        ["PasswordChange.ChangeAsync"] = Role.Viewer,
        ["PolicyPreviewer.PreviewAsync"] = Role.Administrator,
        ["PolicyPreviewer.ReadAsync"] = Role.Administrator,
        ["PolicyPreviewer.ReadHandlesAsync"] = Role.Administrator,
        ["PolicyService.CheckCountsAsync"] = Role.Viewer,
        ["PolicyService.CheckTokenAsync"] = Role.Viewer,
        ["PolicyService.ListAsync"] = Role.Viewer,
        ["PolicyService.ReadAsync"] = Role.Viewer,
        ["PolicyService.SaveAsync"] = Role.Administrator,
        ["ProfileService.ChangeNameAsync"] = Role.Viewer,
        ["ProfileService.ChangePreferencesAsync"] = Role.Viewer,
        ["ProfileService.ReadAsync"] = Role.Viewer,
        ["ProofService.BeginPasskeyAsync"] = Role.Viewer,
        ["ProofService.NeedsCodeAsync"] = Role.Viewer,
        ["ProofService.OffersPasskeyAsync"] = Role.Viewer,
        ["ProofService.ProveAsync"] = Role.Viewer,
        ["ProofService.ProveByPasskeyAsync"] = Role.Viewer,
        ["ProviderConnections.BeginAsync"] = Role.Viewer,
        ["ProviderConnections.ConnectAsync"] = Role.Viewer,
        ["ProviderConnections.DisconnectAsync"] = Role.Viewer,
        ["ProviderConnections.FindWaysAsync"] = Role.Viewer,
        ["ProviderConnections.ListAsync"] = Role.Viewer,
        ["ProviderProof.ProveAsync"] = Role.Viewer,
        ["ProviderProof.WaitAsync"] = Role.Viewer,
        ["ScimGroupService.ApplyRolesAsync"] = Role.Administrator,
        ["ScimGroupService.ChangeAsync"] = Role.Administrator,
        ["ScimGroupService.CreateAsync"] = Role.Administrator,
        ["ScimGroupService.FindAsync"] = Role.Administrator,
        ["ScimGroupService.ListAsync"] = Role.Administrator,
        ["ScimGroupService.RemoveAsync"] = Role.Administrator,
        ["ScimUserService.ChangeAsync"] = Role.Administrator,
        ["ScimUserService.CreateAsync"] = Role.Administrator,
        ["ScimUserService.FindAsync"] = Role.Administrator,
        ["ScimUserService.ListAsync"] = Role.Administrator,
        ["ScimUserService.RemoveAsync"] = Role.Administrator,
        ["SecondFactorPolicy.ReadAsync"] = Role.Viewer,
        ["SecondFactorService.BeginAsync"] = Role.Viewer,
        ["SecondFactorService.ConfirmAsync"] = Role.Viewer,
        ["SecondFactorService.ReadAsync"] = Role.Viewer,
        ["SecondFactorService.RemoveAsync"] = Role.Viewer,
        ["SecondFactorService.RenewCodesAsync"] = Role.Viewer,
        ["SessionService.EndAsync"] = Role.Viewer,
        ["SessionService.EndOthersAsync"] = Role.Viewer,
        ["SessionService.FindEndAsync"] = Role.Viewer,
        ["SessionService.ListAsync"] = Role.Viewer,
        ["StatisticsReader.CountPerDayAsync"] = Role.Viewer,
        ["StatisticsReader.CountRefusedAsync"] = Role.Viewer,
        ["StatisticsReader.CountTodayAsync"] = Role.Viewer,
        ["StatisticsReader.CountTodayOfEachAsync"] = Role.Viewer,
        ["StatisticsReader.ReadAsync"] = Role.Viewer,
        ["StatisticsReader.ReadMarkAsync"] = Role.Viewer,
        ["StatisticsReader.ReadRecentAsync"] = Role.Viewer,
        ["StatusCountReader.ReadDaysAsync"] = Role.Viewer,
        ["StatusCountReader.ReadTotalsAsync"] = Role.Viewer,
        ["TokenAccessReader.ProposeAsync"] = Role.Administrator,
        ["TokenAccessReader.ReadAsync"] = Role.Viewer,
        ["TokenAttentionReader.CountAsync"] = Role.Viewer,
        ["TokenExporter.OpenAsync"] = Role.Viewer,
        ["TokenListVersion.ReadAsync"] = Role.Viewer,
        ["TokenReader.FindAsync"] = Role.Viewer,
        ["TokenReader.FindCreatedAsync"] = Role.Viewer,
        ["TokenReader.FindDescendantsAsync"] = Role.Viewer,
        ["TokenReader.IsNameTakenAsync"] = Role.Viewer,
        ["TokenReader.ListAsync"] = Role.Viewer,
        ["TokenReader.ReadBulkAsync"] = Role.Operator,
        ["TokenRecordReader.FindAsync"] = Role.Viewer,
        ["TokenRecordReader.ListAsync"] = Role.Viewer,
        ["TokenService.ChangeOwnerAsync"] = Role.Operator,
        ["TemplateService.DeleteAsync"] = Role.Administrator,
        ["TemplateService.FindAsync"] = Role.Operator,
        ["TemplateService.ListAsync"] = Role.Operator,
        ["TemplateService.SaveAsync"] = Role.Administrator,
        ["TokenService.CheckReachAsync"] = Role.Operator,
        ["TokenService.CreateAsync"] = Role.Operator,
        ["TokenService.DeleteAsync"] = Role.Administrator,
        ["TokenService.DisableAsync"] = Role.Operator,
        ["TokenService.EditAsync"] = Role.Operator,
        ["TokenService.EnableAsync"] = Role.Operator,
        ["TokenService.EndPreviousAsync"] = Role.Operator,
        ["TokenService.GrantAsync"] = Role.Operator,
        ["TokenService.HandOutAllAsync"] = Role.Operator,
        ["TokenService.HandOutAsync"] = Role.Operator,
        ["TokenService.RenounceAsync"] = Role.Viewer, // Only of what the person is responsible for.
        ["TokenService.RenewAsync"] = Role.Operator,
        ["TokenService.RequireAsync"] = Role.Viewer,
        ["TokenService.RestoreAsync"] = Role.Administrator,
        ["TokenService.RevealAsync"] = Role.Operator,
        ["TokenService.RevokeAsync"] = Role.Operator,
        ["TokenService.RotateAsync"] = Role.Operator,
        ["TokenService.ShortenAsync"] = Role.Operator,
        ["TokenUseReader.ReadAsync"] = Role.Viewer,
        ["TokenViewService.DeleteAsync"] = Role.Viewer,
        ["TokenViewService.ListAsync"] = Role.Viewer,
        ["TokenViewService.ReadColumnsAsync"] = Role.Viewer,
        ["TokenViewService.SaveAsync"] = Role.Viewer,
        ["TokenViewService.SaveColumnsAsync"] = Role.Viewer,
        ["UserReader.ListAsync"] = Role.Administrator,
        ["UserService.ChangeRoleAsync"] = Role.Administrator,
        ["UserService.DisableAsync"] = Role.Administrator,
        ["UserService.EnableAsync"] = Role.Administrator,
        ["UserService.HandOverTokensAsync"] = Role.Administrator,
        ["UserService.RemoveAsync"] = Role.Administrator,
        ["UserService.RemoveSecondFactorAsync"] = Role.Administrator,
        ["UserService.ResetPasswordAsync"] = Role.Administrator,
        ["WebhookReader.FindAsync"] = Role.Administrator,
        ["WebhookReader.FindDeliveryAsync"] = Role.Administrator,
        ["WebhookReader.ListAsync"] = Role.Administrator,
        ["WebhookReader.ListDeliveriesAsync"] = Role.Administrator,
        ["WebhookService.AddAsync"] = Role.Administrator,
        ["WebhookService.DeleteAsync"] = Role.Administrator,
        ["WebhookService.DisableAsync"] = Role.Administrator,
        ["WebhookService.EditAsync"] = Role.Administrator,
        ["WebhookService.EnableAsync"] = Role.Administrator,
        ["WebhookService.RequireAsync"] = Role.Administrator,
        ["WebhookService.ResendAsync"] = Role.Administrator,
        ["WebhookService.ResendFailedAsync"] = Role.Administrator,
        ["WebhookService.RotateAsync"] = Role.Administrator,
        ["WebhookService.TestAsync"] = Role.Administrator,
    };

    [Fact]
    public async Task EveryOperation_BelowItsRole_IsDenied_AndInTheTable()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var scope = portal.Services.CreateAsyncScope();
        var found = new SortedDictionary<string, Role>(StringComparer.Ordinal);
        foreach (var method in Operations(portal))
        {
            var name = $"{method.DeclaringType!.Name}.{method.Name}";
            var lowest = await LowestRoleAsync(portal, scope.ServiceProvider, method);
            // Of several methods with one name, the one that allows more.
            found[name] = found.TryGetValue(name, out var other) && other < lowest ? other : lowest;
        }

        Assert.Equal(LowestRoles.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {entry.Value}"), found.Select(entry => $"{entry.Key}: {entry.Value}"));
    }

    /// <summary>Uses reflection, so that operations that are added later are found.</summary>
    private static IEnumerable<MethodInfo> Operations(TestPortal portal) => typeof(AccessControl).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsPublic: true } && !WithoutRole.Contains(type) && portal.Services.GetRequiredService<IServiceProviderIsService>().IsService(type))
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetParameters() is [var first, ..] && first.ParameterType == typeof(Actor));

    private static async Task<Role> LowestRoleAsync(TestPortal portal, IServiceProvider services, MethodInfo method)
    {
        foreach (var actor in new[] { portal.Viewer, portal.Operator })
        {
            object?[] arguments = [actor, .. method.GetParameters().Skip(1).Select(parameter => DefaultOf(parameter.ParameterType))];
            if (await Record.ExceptionAsync(() => (Task)method.Invoke(services.GetRequiredService(method.DeclaringType!), arguments)!) is not AccessDeniedException)
                return actor.Role;
        }

        return Role.Administrator;
    }

    private static object? DefaultOf(Type type) => type == typeof(string) ? "SU-000-000-000" : type.IsValueType ? Activator.CreateInstance(type) : null;
}
