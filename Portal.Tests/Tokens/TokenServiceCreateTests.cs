using Microsoft.EntityFrameworkCore;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

public sealed class TokenServiceCreateTests
{
    [Fact]
    public async Task Create_RightInput_StoresTheTokenAndHandsOutItsKey()
    {
        await using var portal = await TestPortal.CreateAsync();

        var created = await portal.CreateAsync(
            TestTokens.Wanted("  Nightly report ", TestTokens.Billing, TestTokens.Agreements) with { ExternalId = " ext-1 ", Description = "one\r\ntwo " });

        var token = await portal.DetailsAsync(created.Handle);
        Assert.Equal(("Nightly report", "ext-1", "one\ntwo"), (token.Name, token.ExternalId, token.Description));
        Assert.Equal((TokenStatus.Active, TestPortal.Start.AddDays(90)), (token.Status, token.ExpiresAt));
        Assert.Equal("custom - EXT-000", token.Extension.Label);
        Assert.Equal([TestTokens.Agreements, TestTokens.Billing], token.Permissions.Where(module => module.Enabled).Select(module => module.ModuleId));
        Assert.All(token.Permissions.Where(module => module.Enabled), module => Assert.Equal(new TokenEvent(portal.Now, portal.Operator.Id, portal.Operator.Name), module.Granted));
        Assert.Equal((new TokenEvent(portal.Now, portal.Operator.Id, portal.Operator.Name), token.Created), (token.Created, token.Updated));
        Assert.Equal(created.Handle, created.Key!.Handle);
        Assert.True(await portal.AcceptsAsync(created.Key));
    }

    [Fact]
    public async Task Create_Perpetual_NeverExpires()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync(days: null);

        portal.Clock.Advance(TimeSpan.FromDays(36_000));

        Assert.Equal(TokenStatus.Active, await portal.StatusAsync(created.Handle));
        Assert.True(await portal.AcceptsAsync(created.Key!));
    }

    [Fact]
    public async Task Create_EverythingWrong_NamesEveryFieldAndStoresNothing()
    {
        await using var portal = await TestPortal.CreateAsync();

        var outcome = await portal.Tokens.CreateAsync(portal.Operator, new NewToken(
            Guid.CreateVersion7(), "a\u202eb", "a\0b", new string('x', 256), portal.Now, "EXT-999", new ModuleChoice(false, [])));

        Assert.Equal(
            [TokenField.Name, TokenField.ExternalId, TokenField.Description, TokenField.Expiration, TokenField.Extension],
            Assert.IsType<TokenOutcome.Invalid>(outcome).Faults.Select(fault => fault.Field));
        Assert.Empty(await portal.ListAsync(new TokenQuery { WithDeleted = true }));
        Assert.Empty(await portal.AuditAsync());
    }

    [Theory]
    [InlineData("Choose at least one module.")]
    [InlineData("No longer offered: MD-9999, md-0002. Choose other modules.", "MD-9999", TestTokens.Agreements, "md-0002")]
    public async Task Create_WrongModules_PointsAtThePermissions(string message, params string[] modules)
    {
        await using var portal = await TestPortal.CreateAsync();

        var outcome = await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted() with { Modules = new ModuleChoice(false, modules) });

        Assert.Equal([new Fault(TokenField.Permissions, message)], Assert.IsType<TokenOutcome.Invalid>(outcome).Faults);
    }

    [Fact]
    public async Task Create_ExtensionWithFixedSet_OverrulesWhatWasPickedAndAuditsWhatWasGranted()
    {
        await using var portal = await TestPortal.CreateAsync();

        var created = await portal.CreateAsync(TestTokens.Wanted() with { ExtensionId = "EXT-001", Modules = new ModuleChoice(true, ["MD-9999"]) });

        string[] zapier = ["MD-0002", "MD-0005", "MD-0015", "MD-0017"];
        var token = await portal.DetailsAsync(created.Handle);
        Assert.Equal(zapier, token.Permissions.Where(module => module.Enabled).Select(module => module.ModuleId));
        Assert.False(token.AllModules);
        Assert.Contains($"\"modules\":\"{string.Join(' ', zapier)}\"", (await portal.AuditAsync()).Single().Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ExtensionForAllModules_GrantsAllOfThem()
    {
        await using var portal = await TestPortal.CreateAsync();

        var created = await portal.CreateAsync(TestTokens.Wanted() with { ExtensionId = "EXT-002", Modules = new ModuleChoice(false, []) });

        var token = await portal.DetailsAsync(created.Handle);
        Assert.True(token.AllModules);
        Assert.All(token.Permissions, module => Assert.True(module.Enabled));
        Assert.Equal(portal.Catalog.Modules.Count, token.ModuleCount);
    }

    [Theory]
    [InlineData("Nightly report", "  nightly REPORT ")]
    [InlineData("отчёт", "ОТЧЁТ")]
    [InlineData("report", "report\u200b")]
    public async Task Create_NameInUse_IsRefusedUntilThatTokenIsDeleted(string first, string second)
    {
        await using var portal = await TestPortal.CreateAsync();
        var holder = await portal.CreateAsync(TestTokens.Wanted(first));

        var outcome = await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted(second));
        Assert.Equal(TokenField.Name, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(outcome).Faults).Field);
        Assert.True(await portal.Reader.IsNameTakenAsync(portal.Viewer, second, null));
        Assert.False(await portal.Reader.IsNameTakenAsync(portal.Viewer, second, holder.Handle));

        await portal.Tokens.DeleteAsync(portal.Administrator, holder.Handle);
        Assert.False(await portal.Reader.IsNameTakenAsync(portal.Viewer, second, null));
        var successor = await portal.CreateAsync(TestTokens.Wanted(second));
        await portal.Tokens.DeleteAsync(portal.Administrator, successor.Handle);
        await portal.CreateAsync(TestTokens.Wanted(second));
    }

    [Fact]
    public async Task Create_NameInUseElsewhere_IsFine()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(portal.OtherAccountActor, TestTokens.Wanted());
        await portal.CreateAsync(TestTokens.Wanted());
    }

    [Fact]
    public async Task Create_AskedAgain_HandsOutTheSameTokenAndKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted();
        var first = await portal.CreateAsync(wanted);

        var again = await portal.CreateAsync(wanted);

        Assert.Equal((first.Handle, first.Key!.ToHeaderValue()), (again.Handle, again.Key!.ToHeaderValue()));
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Create_AskedAgainAfterRotateOrDelete_HandsOutNoKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted();
        var first = await portal.CreateAsync(wanted);

        await portal.Tokens.RenewAsync(portal.Operator, first.Handle, portal.Now.AddDays(200));
        Assert.Null((await portal.CreateAsync(wanted)).Key);
        await portal.Tokens.DeleteAsync(portal.Administrator, first.Handle);
        Assert.Equal(new TokenOutcome.Done(first.Handle), await portal.CreateAsync(wanted));
    }

    [Fact]
    public async Task Create_SameCreationManyTimesAtOnce_CreatesOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => portal.CreateAsync(wanted))));

        Assert.Single(outcomes.Select(outcome => (outcome.Handle, outcome.Key!.ToHeaderValue())).Distinct());
        Assert.Single(await portal.ListAsync(new TokenQuery()));
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Create_SameNameManyTimesAtOnce_OneGetsIt()
    {
        await using var portal = await TestPortal.CreateAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted()))));

        Assert.Single(outcomes.OfType<TokenOutcome.Done>());
        Assert.All(outcomes.OfType<TokenOutcome.Invalid>(), invalid => Assert.Equal(TokenField.Name, Assert.Single(invalid.Faults).Field));
    }

    [Fact]
    public async Task Create_SameCreationInTwoAccounts_AreTwoTokens()
    {
        await using var portal = await TestPortal.CreateAsync();
        var wanted = TestTokens.Wanted();
        Assert.NotEqual((await portal.CreateAsync(wanted)).Handle, (await portal.CreateAsync(portal.OtherAccountActor, wanted)).Handle);
    }

    [Fact]
    public async Task Create_RevealOnce_StoresNoCopyAndShowsTheKeyThisOnce()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:Reveal"] = "Once" });
        var wanted = TestTokens.Wanted();

        var created = await portal.CreateAsync(wanted);

        Assert.NotNull(created.Key);
        Assert.Null((await portal.CreateAsync(wanted)).Key);
        await portal.Tokens.RotateAsync(portal.Operator, created.Handle, null);
        await using var context = await portal.OpenAsync();
        Assert.Equal(2, await context.TokenSecrets.CountAsync(secret => secret.Protected == null));
        Assert.Equal(2, await context.TokenSecrets.CountAsync());
        var outcome = await portal.Tokens.RevealAsync(portal.Operator, created.Handle, KeySlot.Newest, "token.key_viewed");
        Assert.Contains("only once", Assert.IsType<RevealOutcome.Unavailable>(outcome).Message, StringComparison.Ordinal);
    }
}
