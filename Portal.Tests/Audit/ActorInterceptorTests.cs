using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Data;
using Portal.IpRules;
using Portal.Notices;
using Portal.Policies;
using Portal.Tests.Support;
using Portal.Tokens.Templates;
using Portal.Tokens.Views;
using Portal.Webhooks;

namespace Portal.Tests.Audit;

public sealed class ActorInterceptorTests
{
    private static readonly Dictionary<string, Func<TestPortal, Actor, Task>> Changes = new()
    {
        ["policy"] = (portal, actor) => Get<PolicyService>(portal).SaveAsync(actor, "", new PolicyRules { MaximumLifetimeDays = 30 }, Guid.Empty, Cancellation),
        ["template"] = (portal, actor) => Get<TemplateService>(portal).SaveAsync(actor, null, new TemplateInput("Nightly", null, "EXT-000", new TemplateContent()), Guid.Empty, Cancellation),
        ["view"] = (portal, actor) => Get<TokenViewService>(portal).SaveAsync(actor, "Mine", "status=active", true, Cancellation),
        ["webhook"] = (portal, actor) => Get<WebhookService>(portal).AddAsync(actor, new WebhookInput("https://example.com/hooks", null, [], []), Cancellation),
        ["IP rule"] = (portal, actor) => Get<IpRuleService>(portal).AddAsync(actor, new NewIpRule(null, "192.0.2.0/24", null)),
        ["invitation"] = (portal, actor) => Get<InvitationService>(portal).InviteAsync(actor, "accomplice@example.com", Role.Administrator, Cancellation),
        ["role"] = (portal, actor) => Get<UserService>(portal).ChangeRoleAsync(actor, portal.Viewer.Id, Role.Administrator, Cancellation),
        ["calendar"] = (portal, actor) => Get<CalendarService>(portal).RenewAsync(actor, Cancellation),
        ["token"] = (portal, actor) => portal.Tokens.CreateAsync(actor, TestTokens.Wanted(), cancellation: Cancellation),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> ChangesByName => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(ChangesByName))]
    public async Task Change_WaitsBehindTheDisablingOfItsActor_IsNotStored(string change)
    {
        await using var portal = await TestPortal.CreateAsync();
        var second = new Actor(ActorKind.User, "second", "Second", TestPortal.Account, Role.Administrator) { SecurityStamp = TestUsers.StampOf("second") };
        await using (var context = await portal.OpenAsync())
        {
            context.AddUser(second);
            await context.SaveChangesAsync(Cancellation);
        }

        var queue = Get<WriteQueue>(portal);
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var before = queue.RunAsync(
            _ =>
            {
                begun.SetResult();
                return ended.Task;
            },
            Cancellation);
        await begun.Task;
        var disabling = Get<UserService>(portal).DisableAsync(portal.Administrator, second.Id, Cancellation);
        await UntilAsync(() => queue.Waiting == 1);
        var waiting = Changes[change](portal, second);
        await UntilAsync(() => queue.Waiting == 2);
        ended.SetResult();
        await before;

        Assert.IsType<UserOutcome.Done>(await disabling);
        await Assert.ThrowsAsync<SessionEndedException>(() => waiting);
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.ActorName == second.Name);
    }

    private static T Get<T>(TestPortal portal)
        where T : notnull => portal.Services.GetRequiredService<T>();

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }
}
