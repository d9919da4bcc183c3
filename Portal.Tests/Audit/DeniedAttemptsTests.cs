using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

public sealed class DeniedAttemptsTests
{
    [Fact]
    public async Task Note_RefusedOperation_IsWrittenWithActorAddressAndName()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (rules, attempts) = (portal.Services.GetRequiredService<IpRuleService>(), portal.Services.GetRequiredService<DeniedAttempts>());
        var actor = portal.Operator with { Address = "192.0.2.7" };

        await Assert.ThrowsAsync<AccessDeniedException>(() => rules.RequireAsync(actor, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Tokens.DeleteAsync(actor, "SU-000-000-000", cancellation: TestContext.Current.CancellationToken));
        await attempts.WriteAsync(cancellation: TestContext.Current.CancellationToken);

        var entries = await portal.AuditAsync();
        Assert.All(entries, entry => Assert.Equal(
            (AuditAction.AccessDenied, actor.Id, "user", "192.0.2.7", TestPortal.Account), (entry.Action, entry.ActorId, entry.ActorKind, entry.Address, entry.TargetId)));
        Assert.Equal(["IpRuleService.Require", "token.deleted"], entries.Select(OperationOf).Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Contains("\"needed\":\"Administrator\"", entry.Details, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Note_AFlood_IsOneEntryAMinuteWithTheNumber()
    {
        await using var portal = await TestPortal.CreateAsync();
        var attempts = portal.Services.GetRequiredService<DeniedAttempts>();
        for (var second = 0; second < 120; second++)
        {
            for (var i = 0; i < 100; i++)
                attempts.Note(portal.Viewer, Role.Administrator, "IpRuleService.Remove");
            await attempts.WriteAsync(cancellation: TestContext.Current.CancellationToken);
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await attempts.WriteAsync(all: true, TestContext.Current.CancellationToken);
        Assert.Equal([100, 6000, 5900], (await portal.AuditAsync()).Select(CountOf));
    }

    [Fact]
    public async Task Note_VeryManyOperations_ShareOneEntry()
    {
        await using var portal = await TestPortal.CreateAsync();
        var attempts = portal.Services.GetRequiredService<DeniedAttempts>();
        for (var i = 0; i < DeniedAttempts.MostOperations + 300; i++)
            attempts.Note(portal.Viewer with { Id = i.ToString(CultureInfo.InvariantCulture) }, Role.Operator, "TokenService.Create");
        await attempts.WriteAsync(cancellation: TestContext.Current.CancellationToken);

        var entries = await portal.AuditAsync();
        Assert.Equal(DeniedAttempts.MostOperations + 1, entries.Count);
        Assert.Equal(("system", "other", 300), (entries[^1].ActorKind, OperationOf(entries[^1]), CountOf(entries[^1])));
    }

    [Fact]
    public async Task Write_DatabaseThatFails_KeepsTheAttempts()
    {
        await using var portal = await TestPortal.CreateAsync();
        var attempts = portal.Services.GetRequiredService<DeniedAttempts>();
        attempts.Note(portal.Viewer, Role.Operator, "TokenService.Create");
        await portal.ExecuteAsync(RefusingTrigger.On("AuditEntries"));
        await Assert.ThrowsAnyAsync<Exception>(() => attempts.WriteAsync(cancellation: TestContext.Current.CancellationToken));
        await portal.ExecuteAsync(RefusingTrigger.Off);

        await attempts.WriteAsync(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(1, CountOf(Assert.Single(await portal.AuditAsync())));
    }

    private static string? OperationOf(AuditEntry entry) => JsonDocument.Parse(entry.Details!).RootElement.GetProperty("operation").GetString();

    private static int CountOf(AuditEntry entry) => JsonDocument.Parse(entry.Details!).RootElement.GetProperty("attempts").GetInt32();
}
