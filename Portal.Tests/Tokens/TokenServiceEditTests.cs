using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

public sealed class TokenServiceEditTests
{
    [Fact]
    public async Task Edit_EveryField_ChangesThemAndNeverTheKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync(TestTokens.Wanted("Before", TestTokens.Agreements));
        var editor = portal.Administrator;
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await EditAsync(portal, created.Handle, new TokenEdit(" After ", "ext", "text", new ModuleChoice(false, [TestTokens.Billing])), editor);

        var token = await portal.DetailsAsync(created.Handle);
        Assert.Equal(("After", "ext", "text"), (token.Name, token.ExternalId, token.Description));
        var granted = Assert.Single(token.Permissions, module => module.Enabled);
        Assert.Equal((TestTokens.Billing, new TokenEvent(portal.Now, editor.Id, editor.Name)), (granted.ModuleId, granted.Granted));
        Assert.Equal(new TokenEvent(portal.Now, editor.Id, editor.Name), token.Updated);
        Assert.Equal(new TokenEvent(TestPortal.Start, portal.Operator.Id, portal.Operator.Name), token.Created);
        Assert.True(await portal.AcceptsAsync(created.Key!));
        Assert.Equal(created.Handle, (await portal.ListAsync(new TokenQuery { Search = "after" })).Single().Handle);
        Assert.Empty(await portal.ListAsync(new TokenQuery { Search = "before" }));
        Assert.Equal(
            """{"name":{"before":"Before","after":"After"},"external_id":{"before":null,"after":"ext"},"description":{"before":null,"after":"text"},"modules":{"before":"MD-0002","after":"MD-0003"}}""",
            (await portal.AuditAsync())[^1].Details);
    }

    [Fact]
    public async Task Edit_RateLimit_IsStoredAndInTheAudit()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var before = await portal.DetailsAsync(created.Handle);
        Assert.Equal((RateLimitChoice.Default, null), (before.RateLimit, before.Limit));
        var limit = new RateLimit(100, RateUnit.Minute);

        await EditAsync(portal, created.Handle, EditOf(before) with { RateLimit = RateLimitChoice.Of(limit) });
        var limited = await portal.DetailsAsync(created.Handle);
        Assert.Equal((RateLimitChoice.Of(limit), limit), (limited.RateLimit, limited.Limit));
        Assert.Equal(
            """{"rate_limit":{"before":"default","after":"100 per minute"}}""", (await portal.AuditAsync())[^1].Details);

        await EditAsync(portal, created.Handle, EditOf(limited));
        Assert.Equal(RateLimitChoice.Of(limit), (await portal.DetailsAsync(created.Handle)).RateLimit);
        await EditAsync(portal, created.Handle, EditOf(limited) with { RateLimit = RateLimitChoice.None });
        Assert.Equal((RateLimitChoice.None, null), ((await portal.DetailsAsync(created.Handle)) is var now ? (now.RateLimit, now.Limit) : default));
    }

    [Theory]
    [InlineData(0, RateUnit.Minute)]
    [InlineData(RateLimit.Most + 1, RateUnit.Minute)]
    [InlineData(5, (RateUnit)9)]
    public async Task Edit_RateLimitOutOfRange_IsRefused(int requests, RateUnit per)
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        var outcome = await portal.Tokens.EditAsync(
            portal.Operator, created.Handle, EditOf(seen) with { RateLimit = RateLimitChoice.Of(new RateLimit(requests, per)) }, seen.Version);
        var fault = Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults);
        Assert.Equal((TokenField.RateLimit, "Enter a whole number of requests, 1 to 1,000,000."), (fault.Field, fault.Message));
    }

    [Fact]
    public async Task Edit_NothingChanged_IsDoneWithoutATrace()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var before = await portal.DetailsAsync(created.Handle);

        await EditAsync(portal, created.Handle, EditOf(before));

        Assert.Equal(before.Version, (await portal.DetailsAsync(created.Handle)).Version);
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Edit_AddAModule_KeepsWhoGrantedTheOthersWhen()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await EditAsync(portal, created.Handle, EditOf(await portal.DetailsAsync(created.Handle)) with { Modules = new ModuleChoice(false, [TestTokens.Billing, TestTokens.Agreements]) }, portal.Administrator);

        Assert.Equal(
            [(TestTokens.Agreements, new TokenEvent(TestPortal.Start, portal.Operator.Id, portal.Operator.Name)), (TestTokens.Billing, new TokenEvent(portal.Now, portal.Administrator.Id, portal.Administrator.Name))],
            (await portal.DetailsAsync(created.Handle)).Permissions.Where(module => module.Enabled).Select(module => (module.ModuleId, module.Granted!)));
    }

    [Fact]
    public async Task Edit_AllModulesAndBack_SwitchesBetweenFullAndRestricted()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var before = await portal.DetailsAsync(created.Handle);

        await EditAsync(portal, created.Handle, EditOf(before) with { Modules = ModuleChoice.All });
        var full = await portal.DetailsAsync(created.Handle);
        Assert.Equal((true, portal.Catalog.Modules.Count), (full.AllModules, full.ModuleCount));
        Assert.All(full.Permissions, module => Assert.Null(module.Granted));

        await EditAsync(portal, created.Handle, EditOf(before));
        var restricted = await portal.DetailsAsync(created.Handle);
        Assert.Equal((false, 1), (restricted.AllModules, restricted.ModuleCount));
    }

    [Fact]
    public async Task Edit_SomeoneElseChangedIt_ShowsTheirVersionAndSavesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        await EditAsync(portal, created.Handle, EditOf(seen) with { Name = "Theirs" });

        var outcome = await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Description = "Mine" }, seen.Version);

        var current = Assert.IsType<TokenOutcome.Conflict>(outcome).Current;
        Assert.Equal(("Theirs", null), (current.Name, current.Description));
        // After seeing it, the editor may overwrite it.
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(current) with { Description = "Mine" }, current.Version));
        Assert.Equal(("Theirs", "Mine"), ((await portal.DetailsAsync(created.Handle)).Name, (await portal.DetailsAsync(created.Handle)).Description));
    }

    [Fact]
    public async Task Edit_AfterUseOnly_IsNoConflict()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        await portal.ExecuteAsync("UPDATE Tokens SET LastUsedAt = '2030-01-15 13:00:00'");

        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Name = "New" }, seen.Version));
        Assert.NotNull((await portal.DetailsAsync(created.Handle)).LastUse);
    }

    [Fact]
    public async Task Edit_ManyAtOnceFromTheSameVersion_OneWins()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            () => portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Name = $"Editor {i}" }, seen.Version))));

        Assert.Single(outcomes.OfType<TokenOutcome.Done>());
        var name = (await portal.DetailsAsync(created.Handle)).Name;
        Assert.Equal(5, outcomes.OfType<TokenOutcome.Conflict>().Count(conflict => conflict.Current.Name == name));
    }

    [Fact]
    public async Task Edit_DeletedBeforeOrWhileSaving_IsRefusedEitherWay()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        interruption.BeforeNextSave(() => portal.Tokens.DeleteAsync(portal.Administrator, created.Handle));

        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Name = "New" }, seen.Version));
        Assert.IsType<TokenOutcome.Refused>(await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Name = "New" }, seen.Version));

        Assert.Equal("Nightly report", (await portal.DetailsAsync(created.Handle)).Name);
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.Action == AuditAction.TokenUpdated);
    }

    [Fact]
    public async Task Edit_NameTakenBeforeOrWhileSaving_PointsAtTheName()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        interruption.BeforeNextSave(() => portal.CreateAsync(name: "Taken"));

        for (var i = 0; i < 2; i++)
        {
            var outcome = await portal.Tokens.EditAsync(portal.Operator, created.Handle, EditOf(seen) with { Name = "TAKEN" }, seen.Version);
            Assert.Equal(TokenField.Name, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults).Field);
        }
    }

    [Fact]
    public async Task Edit_SameModuleGrantedWhileSaving_IsAConflictAndNoTakenName()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);
        interruption.BeforeNextSave(() => portal.Tokens.GrantAsync(portal.Administrator, created.Handle, TestTokens.Billing));
        var edit = EditOf(seen) with { Modules = new ModuleChoice(false, [TestTokens.Agreements, TestTokens.Billing]) };

        var conflict = Assert.IsType<TokenOutcome.Conflict>(await portal.Tokens.EditAsync(portal.Operator, created.Handle, edit, seen.Version));

        Assert.Equal([TestTokens.Agreements, TestTokens.Billing], conflict.Current.Choice.ModuleIds);
    }

    [Fact]
    public async Task Grant_SameModuleGrantedWhileSaving_IsDone()
    {
        var interruption = new SaveInterruption();
        await using var portal = await TestPortal.CreateAsync(services: interruption.Register);
        var created = await portal.CreateAsync();
        interruption.BeforeNextSave(() => portal.Tokens.GrantAsync(portal.Administrator, created.Handle, TestTokens.Billing));

        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.GrantAsync(portal.Operator, created.Handle, TestTokens.Billing));

        Assert.Equal([TestTokens.Agreements, TestTokens.Billing], (await portal.DetailsAsync(created.Handle)).Choice.ModuleIds);
    }

    [Fact]
    public async Task Edit_OwnNameInOtherCase_IsFine()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        await EditAsync(portal, created.Handle, EditOf(await portal.DetailsAsync(created.Handle)) with { Name = "NIGHTLY report" });
        Assert.Equal("NIGHTLY report", (await portal.DetailsAsync(created.Handle)).Name);
    }

    [Fact]
    public async Task Edit_WrongInput_NamesTheFields()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var seen = await portal.DetailsAsync(created.Handle);

        var outcome = await portal.Tokens.EditAsync(
            portal.Operator, created.Handle, new TokenEdit("", new string('x', 129), "a\0", new ModuleChoice(false, [])), seen.Version);

        Assert.Equal(
            [TokenField.Name, TokenField.ExternalId, TokenField.Description, TokenField.Permissions],
            Assert.IsType<TokenOutcome.Invalid>(outcome).Faults.Select(fault => fault.Field));
    }

    [Theory]
    [InlineData("EXT-001")]
    [InlineData("EXT-002")]
    public async Task Edit_ExtensionThatSettlesPermissions_LeavesThemAlone(string extension)
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync(TestTokens.Wanted() with { ExtensionId = extension });
        var before = await portal.DetailsAsync(created.Handle);

        await EditAsync(portal, created.Handle, EditOf(before) with { Name = "New", Modules = new ModuleChoice(false, [TestTokens.Billing]) });

        var after = await portal.DetailsAsync(created.Handle);
        Assert.Equal(("New", before.AllModules), (after.Name, after.AllModules));
        Assert.Equal(before.Permissions, after.Permissions);
    }

    internal static TokenEdit EditOf(TokenDetails token) => new(token.Name, token.ExternalId, token.Description, token.Choice);

    private static async Task EditAsync(TestPortal portal, string handle, TokenEdit edit, Actor? actor = null) => Assert.IsType<TokenOutcome.Done>(
        await portal.Tokens.EditAsync(actor ?? portal.Operator, handle, edit, (await portal.DetailsAsync(handle)).Version));
}
