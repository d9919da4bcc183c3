using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Templates;

namespace Portal.Tests.Tokens.Templates;

public sealed class TemplateServiceTests
{
    private static readonly TemplateInput Nightly = new("Nightly", "For reports", "EXT-000", new TemplateContent
    {
        Expiration = "30 days", Modules = [TestTokens.Billing], RateLimit = "100 per minute", Addresses = ["192.0.2.0/24"],
    });

    [Fact]
    public async Task Save_Template_IsReadBackAndFillsTheWizard()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await SaveAsync(portal, Nightly);

        var template = Assert.Single(await Service(portal).ListAsync(portal.Operator));
        Assert.Equal((id, "Nightly", "For reports", "EXT-000"), (template.Id, template.Name, template.Description, template.ExtensionId));
        var draft = TokenDraft.Start(portal.Catalog, ["30 days", "90 days"]);
        draft.Apply(template, portal.Catalog, ["30 days", "90 days"], mayAddAddresses: true);
        var wanted = draft.ToNewToken(portal.Now);
        Assert.Equal(
            (portal.Now.AddDays(30), "EXT-000", "100 per minute", "192.0.2.0/24", TestTokens.Billing),
            (wanted.ExpiresAt!.Value, wanted.ExtensionId, wanted.RateLimit.Code, Assert.Single(wanted.Addresses), Assert.Single(wanted.Modules.ModuleIds)));
        draft.Apply(template, portal.Catalog, [], mayAddAddresses: false);
        Assert.Empty(draft.Addresses);
        Assert.Equal(AuditAction.TemplateSaved, (await portal.AuditAsync())[^1].Action);
        Assert.Empty(await Service(portal).ListAsync(portal.OtherAccountActor));
        Assert.Null(await Service(portal).FindAsync(portal.OtherAccountActor, id));
    }

    [Fact]
    public async Task Save_NameThatIsTakenAndStaleVersion_ChangeNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await SaveAsync(portal, Nightly);
        Assert.Equal(TemplateField.Name, Assert.Single(Assert.IsType<TemplateOutcome.Invalid>(await Service(portal).SaveAsync(portal.Administrator, null, Nightly with { Name = " NIGHTLY " }, Guid.Empty)).Errors).Field);
        var version = (await Service(portal).FindAsync(portal.Operator, id))!.Version;

        Assert.IsType<TemplateOutcome.Done>(await Service(portal).SaveAsync(portal.Administrator, id, Nightly with { Description = "Changed" }, version));
        Assert.Equal("Changed", Assert.IsType<TemplateOutcome.Conflict>(await Service(portal).SaveAsync(portal.Administrator, id, Nightly, version)).Current.Description);
        Assert.IsType<TemplateOutcome.Done>(await Service(portal).DeleteAsync(portal.Administrator, id));
        Assert.IsType<TemplateOutcome.NotFound>(await Service(portal).DeleteAsync(portal.Administrator, id));
        Assert.IsType<TemplateOutcome.NotFound>(await Service(portal).SaveAsync(portal.Administrator, id, Nightly, version));
    }

    [Fact]
    public async Task Save_BadInput_NamesEachField()
    {
        await using var portal = await TestPortal.CreateAsync();
        var bad = new TemplateInput(" ", new string('x', 256), "EXT-999", new TemplateContent { Modules = ["MD-9999"], Addresses = ["192.0.2.300"] });

        var errors = Assert.IsType<TemplateOutcome.Invalid>(await Service(portal).SaveAsync(portal.Administrator, null, bad, Guid.Empty)).Errors;

        Assert.Equal([TemplateField.Name, TemplateField.Description, TemplateField.Extension, TemplateField.Modules, TemplateField.Addresses], errors.Select(error => error.Field));
    }

    [Theory]
    [InlineData("""{"modules":["MD-0003","MD-9999"],"expiration":"7 fortnights","rate_limit":"often","addresses":["nowhere"]}""")]
    [InlineData("{\"modules\":null,\"addresses\":null")]
    [InlineData("[]")]
    public async Task Read_ContentThatIsDamagedOrOutdated_LeavesOutWhatIsGone(string content)
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await SaveAsync(portal, Nightly);
        await portal.ExecuteAsync($"UPDATE TokenTemplates SET Content = '{content}'");
        var template = (await Service(portal).FindAsync(portal.Operator, id))!;

        Assert.Equal(content.Contains("MD-9999", StringComparison.Ordinal) ? ["MD-9999"] : [], template.MissingModules);
        var draft = TokenDraft.Start(portal.Catalog, ["90 days"]);
        draft.Apply(template, portal.Catalog, ["90 days"], mayAddAddresses: true);
        var wanted = draft.ToNewToken(portal.Now);
        Assert.Equal((portal.Now.AddDays(90), RateLimitChoice.Default), (wanted.ExpiresAt!.Value, wanted.RateLimit));
        Assert.Empty(wanted.Addresses);
    }

    private static TemplateService Service(TestPortal portal) => portal.Services.GetRequiredService<TemplateService>();

    private static async Task<long> SaveAsync(TestPortal portal, TemplateInput input) =>
        Assert.IsType<TemplateOutcome.Done>(await Service(portal).SaveAsync(portal.Administrator, null, input, Guid.Empty)).Id;
}
