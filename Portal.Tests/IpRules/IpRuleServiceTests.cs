using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules;

public sealed class IpRuleServiceTests
{
    private static readonly NewIpRule Office = new("Office", "192.0.2.0/24");

    [Fact]
    public async Task Add_GoodRule_IsListedWithWhoAndWhen()
    {
        await using var portal = await TestPortal.CreateAsync();
        var added = await AddAsync(portal, Office with { Label = " Office ", Addresses = " 192.0.2.0/24 " });
        await AddAsync(portal, new NewIpRule("", "2001:db8::7"));

        var rules = await Rules(portal).ListAsync(portal.Administrator);
        Assert.Equal([("Office", "192.0.2.0/24"), (null, "2001:db8::7")], rules.Select(rule => (rule.Label, rule.Written)));
        Assert.Equal((added, portal.Now, "An Administrator", (IpRuleToken?)null), (rules[0].Id, rules[0].AddedAt, rules[0].AddedByName, rules[0].Token));
        Assert.Equal(("192.0.2.0", "192.0.2.255"), rules[0].Range.Write());
        Assert.Empty(await Rules(portal).ListAsync(portal.OtherAccountActor));
    }

    [Fact]
    public async Task AddAndRemove_AreInTheAudit()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        var ofAll = await AddAsync(portal, Office);
        await AddAsync(portal, new NewIpRule(null, "::ffff:192.0.2.7", token.Handle));
        Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).RemoveAsync(portal.Administrator, ofAll));

        var entries = (await portal.AuditAsync()).Skip(1).ToList();
        Assert.Equal(
            [
                (AuditAction.IpRuleAdded, TestPortal.Account, "Main account", """{"label":"Office","written":"192.0.2.0/24","from":"192.0.2.0","to":"192.0.2.255"}"""),
                (AuditAction.IpRuleAdded, token.Handle, "Nightly report", """{"label":null,"written":"::ffff:192.0.2.7","from":"192.0.2.7","to":"192.0.2.7"}"""),
                (AuditAction.IpRuleRemoved, TestPortal.Account, "Main account", """{"label":"Office","written":"192.0.2.0/24","from":"192.0.2.0","to":"192.0.2.255"}"""),
            ],
            entries.Select(entry => (entry.Action, entry.TargetId, entry.TargetName, entry.Details!)));
        Assert.All(entries, entry => Assert.Equal(("user-Administrator", portal.Now), (entry.ActorId, entry.At)));
    }

    [Fact]
    public async Task Save_EntryRefused_LeavesTheChangeUndoneToo()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await AddAsync(portal, Office);
        await portal.ExecuteAsync(RefusingTrigger.On("AuditEntries"));

        await Assert.ThrowsAsync<DbUpdateException>(() => Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, "2001:db8::7")));
        await Assert.ThrowsAsync<DbUpdateException>(() => Rules(portal).RemoveAsync(portal.Administrator, id));

        Assert.Equal([id], (await Rules(portal).ListAsync(portal.Administrator)).Select(rule => rule.Id));
    }

    [Fact]
    public async Task Save_RuleRefused_LeavesNoEntry()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.ExecuteAsync(RefusingTrigger.On("IpRules"));
        await Assert.ThrowsAsync<DbUpdateException>(() => Rules(portal).AddAsync(portal.Administrator, Office));
        Assert.Empty(await portal.AuditAsync());
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Change_BelowAdministrator_IsDenied(Role role)
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await AddAsync(portal, Office);
        var actor = role == Role.Viewer ? portal.Viewer : portal.Operator;

        await Assert.ThrowsAsync<AccessDeniedException>(() => Rules(portal).AddAsync(actor, new NewIpRule(null, "2001:db8::7")));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Rules(portal).RemoveAsync(actor, id));

        Assert.Single(await Rules(portal).ListAsync(actor));
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Change_OfAnotherAccount_IsAsIfThereWereNone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        var id = await AddAsync(portal, Office);

        Assert.IsType<IpRuleOutcome.NotFound>(await Rules(portal).RemoveAsync(portal.OtherAccountActor, id));
        Assert.Equal(IpRuleField.Token, FaultOf(await Rules(portal).AddAsync(portal.OtherAccountActor, Office with { TokenHandle = token.Handle })).Field);
        Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).AddAsync(portal.OtherAccountActor, Office));

        Assert.Equal([id], (await Rules(portal).ListAsync(portal.Administrator)).Select(rule => rule.Id));
    }

    [Theory]
    [InlineData("192.0.2.7/24", null, null, IpRuleField.Addresses, "No network of this size starts at 192.0.2.7.")]
    [InlineData("2001:db8::7", "a\u202eb", null, IpRuleField.Label, "changes the direction of text")]
    [InlineData("2001:db8::7", "a\nb", null, IpRuleField.Label, "control character")]
    [InlineData("2001:db8::7", null, "SU-000-000-000", IpRuleField.Token, "This token doesn't exist.")]
    [InlineData("::ffff:192.0.2.0-192.0.2.255", null, null, IpRuleField.Addresses, "A rule for these addresses already exists: Office, 192.0.2.0/24.")]
    public async Task Add_BadRule_PointsAtTheField(string addresses, string? label, string? token, IpRuleField field, string expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        await AddAsync(portal, Office);

        var fault = FaultOf(await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(label, addresses, token)));

        Assert.Equal(field, fault.Field);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Add_SeveralFaults_AreToldAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var outcome = Assert.IsType<IpRuleOutcome.Invalid>(
            await Rules(portal).AddAsync(portal.Administrator, new NewIpRule(new string('x', 65), "", "SU-1")));
        Assert.Equal(Enum.GetValues<IpRuleField>(), outcome.Faults.Select(fault => fault.Field).Order());
        Assert.Contains(outcome.Faults, fault => fault.Message == "The label has 65 characters. The maximum is 64.");
    }

    [Fact]
    public async Task Add_SameAddressesForAToken_IsAnotherRule()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        await AddAsync(portal, Office);
        await AddAsync(portal, Office with { TokenHandle = $" {token.Handle} " });

        Assert.Equal(IpRuleField.Addresses, FaultOf(await Rules(portal).AddAsync(portal.Administrator, Office with { TokenHandle = token.Handle })).Field);
        var rules = await Rules(portal).ListAsync(portal.Administrator);
        Assert.Equal([null, new IpRuleToken(token.Handle, "Nightly report")], rules.Select(rule => rule.Token));
    }

    [Fact]
    public async Task Add_ManyAtOnce_StopsAtTheLimit()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < IpRuleService.MostRules - 1; i++)
            await AddAsync(portal, new NewIpRule(null, $"10.0.0.{i}"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Rules(portal).AddAsync(portal.Administrator, new NewIpRule(null, $"10.0.1.{i}")))));

        Assert.Single(outcomes.OfType<IpRuleOutcome.Done>());
        Assert.All(outcomes.OfType<IpRuleOutcome.Invalid>(), refused => Assert.Contains("Your account has reached the maximum of 200 rules", Assert.Single(refused.Faults).Message, StringComparison.Ordinal));
        Assert.Equal(IpRuleService.MostRules, (await Rules(portal).ListAsync(portal.Administrator)).Count);
        Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).AddAsync(portal.OtherAccountActor, Office));
    }

    [Fact]
    public async Task Remove_TwiceAtOnce_IsDoneOnceAndAuditedOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await AddAsync(portal, Office);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Rules(portal).RemoveAsync(portal.Administrator, id))));

        Assert.Single(outcomes.OfType<IpRuleOutcome.Done>());
        Assert.Equal(3, outcomes.OfType<IpRuleOutcome.NotFound>().Count());
        Assert.Equal([AuditAction.IpRuleAdded, AuditAction.IpRuleRemoved], (await portal.AuditAsync()).Select(entry => entry.Action));
    }

    [Fact]
    public async Task AddAndRemove_ByTwoPeople_NobodysChangeIsLost()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await AddAsync(portal, Office);
        var seenByBoth = await Rules(portal).ListAsync(portal.Administrator);
        await AddAsync(portal, new NewIpRule("Added by one", "198.51.100.0/24"));
        await Rules(portal).RemoveAsync(portal.Administrator, seenByBoth[0].Id);
        // An ID is never reused, so an outdated page can't remove another rule.
        var last = await AddAsync(portal, new NewIpRule("Added by the other", "203.0.113.0/24"));

        Assert.True(last > first);
        Assert.Equal(["Added by one", "Added by the other"], (await Rules(portal).ListAsync(portal.Administrator)).Select(rule => rule.Label));
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData(" {1} ")]
    [InlineData("{2}")]
    [InlineData("{3}")]
    public async Task Add_HandleInAnySpelling_FindsTheToken(string spelling)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var digits = string.Concat(handle.Where(char.IsAsciiDigit));
        var written = string.Format(System.Globalization.CultureInfo.InvariantCulture, spelling, $"SU{digits}", digits, handle.Replace('-', ' '), handle.ToLowerInvariant());

        await AddAsync(portal, Office with { TokenHandle = written });

        Assert.Equal(handle, Assert.Single(await Rules(portal).ListAsync(portal.Administrator)).Token!.Handle);
    }

    [Fact]
    public async Task Add_SeveralRules_AreStoredTogetherOrNotAtAll()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();

        var done = Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).AddAsync(
            portal.Administrator, [new NewIpRule(null, "192.0.2.7", token.Handle), new NewIpRule(null, "198.51.100.0/24", token.Handle)]));
        var bad = Assert.IsType<IpRuleOutcome.Invalid>(await Rules(portal).AddAsync(
            portal.Administrator, [new NewIpRule(null, "203.0.113.1", token.Handle), new NewIpRule(null, "203.0.113.1", token.Handle)]));

        Assert.StartsWith("A rule for these addresses already exists", Assert.Single(bad.Faults).Message, StringComparison.Ordinal);
        Assert.Equal(done.Added, (await Rules(portal).ListAsync(portal.Administrator)).Select(rule => rule.Id));
        Assert.Equal(2, (await portal.AuditAsync()).Count(entry => entry.Action == AuditAction.IpRuleAdded));
    }

    [Fact]
    public async Task Remove_Rule_ReturnsWhatAddsItAgain()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        var id = await AddAsync(portal, Office with { TokenHandle = token.Handle });

        var done = Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).RemoveAsync(portal.Administrator, id));

        Assert.Equal(Office with { TokenHandle = token.Handle }, done.Removed);
        await AddAsync(portal, done.Removed!);
    }

    private static IpRuleService Rules(TestPortal portal) => portal.Services.GetRequiredService<IpRuleService>();

    private static async Task<long> AddAsync(TestPortal portal, NewIpRule rule) =>
        Assert.IsType<IpRuleOutcome.Done>(await Rules(portal).AddAsync(portal.Administrator, rule)).Id;

    private static IpRuleError FaultOf(IpRuleOutcome outcome) => Assert.Single(Assert.IsType<IpRuleOutcome.Invalid>(outcome).Faults);
}
