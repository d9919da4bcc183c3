using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.IpRules;
using Portal.IpRules.Screen;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules.Screen;

public sealed class UndoRuleTests : PageTestContext
{
    private IpRuleService Rules => Server.Services.GetRequiredService<IpRuleService>();

    [Fact]
    public async Task Undo_RemovedRule_IsAddedAgain()
    {
        SignIn(Role.Administrator);
        var token = (await Server.CreateAsync()).Handle;
        var added = Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(Server.Administrator, new NewIpRule("Office", "203.0.113.0/24", token)));
        var removed = Assert.IsType<IpRuleOutcome.Done>(await Rules.RemoveAsync(Server.Administrator, added.Id));
        var reloaded = 0;

        await Messages.InvokeAsync(() => Shown.ShowUndoable(Server.Administrator, "Removed.", removed, Reload));
        await Messages.Button("Undo").ClickAsync();

        Messages.WaitForAssertion(() => Assert.Equal("The rule 203.0.113.0/24 was added again.", Messages.Find(".message-text").Words()));
        var rule = Assert.Single(await Rules.ListAsync(Server.Administrator));
        Assert.Equal(("Office", "203.0.113.0/24", token), (rule.Label, rule.Written, rule.Token!.Handle));
        Assert.Equal(1, reloaded);
        Assert.Equal(AuditAction.IpRuleAdded, (await Server.AuditAsync())[^1].Action);

        Task Reload()
        {
            reloaded++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Undo_AddedRules_AreRemoved()
    {
        SignIn(Role.Administrator);
        var added = Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(Server.Administrator, [new NewIpRule("A", "203.0.113.1"), new NewIpRule("B", "203.0.113.2")]));

        await UndoAsync(added);

        Messages.WaitForAssertion(() => Assert.Equal("The 2 rules were removed again.", Messages.Find(".message-text").Words()));
        Assert.Empty(await Rules.ListAsync(Server.Administrator));
    }

    [Fact]
    public async Task Undo_WouldCutATokenOff_SaysSoAndChangesNothing()
    {
        SignIn(Role.Administrator);
        var token = (await Server.CreateAsync(name: "Export")).Handle;
        await Rules.AddAsync(Server.Administrator, new NewIpRule("All", "203.0.113.2"));
        var added = Assert.IsType<IpRuleOutcome.Done>(await Rules.AddAsync(Server.Administrator, new NewIpRule("More", "203.0.113.1")));
        await Rules.AddAsync(Server.Administrator, new NewIpRule("Own", "203.0.113.1", token));

        await UndoAsync(added);

        Messages.WaitForAssertion(() => Assert.Contains("Export", Messages.Find(".message-text").Words(), StringComparison.Ordinal));
        Assert.Equal(3, (await Rules.ListAsync(Server.Administrator)).Count);
    }

    private async Task UndoAsync(IpRuleOutcome.Done done)
    {
        await Messages.InvokeAsync(() => Shown.ShowUndoable(Server.Administrator, "Done.", done, () => Task.CompletedTask));
        await Messages.Button("Undo").ClickAsync();
    }

    private IpRuleMessages Shown => Services.GetRequiredService<IpRuleMessages>();
}
