using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Shared;
using Portal.Tests.Support;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

public sealed class PermissionsStepTests : BunitContext
{
    private static readonly string[] ModuleNames = [.. TestCatalog.Default.Modules.Select(module => module.Name)];

    public PermissionsStepTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<BrowserScript>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Render_ExtensionThatAsks_OffersEveryModuleAndNoneIsPicked()
    {
        var step = RenderStep("EXT-000");

        Assert.Equal(["All modules", .. ModuleNames], step.FindAll("label.choice").Select(label => (label.QuerySelector("strong") ?? label).Words()));
        Assert.Empty(step.Picked("checkbox"));
        Assert.Equal("0 of 19 selected", step.Find("[role=status]").TextContent);
    }

    [Fact]
    public void Change_SomeModules_AreCountedAndInTheDraft()
    {
        var draft = new TokenDraft { ExtensionId = "EXT-000" };
        var step = RenderStep(draft);

        step.Field("Billing").Change(true);
        step.Field("Usage").Change(true);
        step.Field("Billing").Change(false);

        Assert.Equal(["Usage"], step.Picked("checkbox"));
        Assert.Equal("1 of 19 selected", step.Find("[role=status]").TextContent);
        Assert.Equal(["MD-0018"], draft.Modules.Ids);
    }

    [Fact]
    public void Change_AllModules_SingleOnesShowPickedButCannotBeChangedUntilItIsTakenBack()
    {
        var step = RenderStep("EXT-000");
        step.Field("Billing").Change(true);

        step.Field("All modules").Change(true);
        Assert.Equal(20, step.Picked("checkbox").Length);
        Assert.All(ModuleNames, name => Assert.True(step.Field(name).HasAttribute("disabled")));
        Assert.False(step.Field("All modules").HasAttribute("disabled"));
        Assert.Equal("19 of 19 selected", step.Find("[role=status]").TextContent);

        step.Field("All modules").Change(false);
        Assert.Equal(["Billing"], step.Picked("checkbox"));
        Assert.All(ModuleNames, name => Assert.False(step.Field(name).HasAttribute("disabled")));
    }

    [Fact]
    public void Input_Search_ShowsOnlyWhatMatchesAndForgetsNothing()
    {
        var step = RenderStep("EXT-000");
        step.Field("Billing").Change(true);

        step.Field("Search modules").Input(" PR ");

        Assert.Equal(["Pricing", "Products"], step.Texts(".columns label"));
        Assert.Equal("1 of 19 selected", step.Find("[role=status]").TextContent);
        step.Field("Search modules").Input("");
        Assert.Equal(["Billing"], step.Picked("checkbox"));
    }

    [Fact]
    public void Render_Search_BelongsToNoFormSoThatEnterDoesNotCreate() => Assert.Equal("no-form", RenderStep("EXT-000").Field("Search modules").GetAttribute("form"));

    [Fact]
    public void Render_Fault_IsTold() => Assert.Equal("Choose at least one module.", RenderStep("EXT-000", "Choose at least one module.").Find("[role=alert]").TextContent);

    [Fact]
    public void Render_ExtensionWithAFixedSet_ShowsTheSetAndWhyAndOffersNoChoice()
    {
        var step = RenderStep("EXT-001");

        Assert.Equal(["Enabled: Agreements", "Enabled: Customers", "Enabled: Products", "Enabled: Subscriptions"], step.Texts("[aria-label=Modules] li"));
        Assert.StartsWith("The extension determines the permissions. Zapier tokens get these modules", step.Find(".note").Words(), StringComparison.Ordinal);
        Assert.Empty(step.FindAll("input"));
    }

    [Fact]
    public void Render_ExtensionWithAllModules_ShowsAllOfThem()
    {
        var step = RenderStep("EXT-002");

        Assert.Equal(ModuleNames.Length, step.FindAll("[aria-label=Modules] li").Count);
        Assert.StartsWith("The extension determines the permissions. Reports tokens get all modules", step.Find(".note").Words(), StringComparison.Ordinal);
    }

    private IRenderedComponent<PermissionsStep> RenderStep(string extension, string? fault = null) => RenderStep(new TokenDraft { ExtensionId = extension }, fault);

    private IRenderedComponent<PermissionsStep> RenderStep(TokenDraft draft, string? fault = null) => Render<PermissionsStep>(parameters => parameters
        .Add(it => it.Draft, draft).Add(it => it.Catalog, TestCatalog.Default).Add(it => it.Fault, fault));
}
