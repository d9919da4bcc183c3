using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

public sealed class GeneralStepTests : BunitContext
{
    public GeneralStepTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<BrowserScript>();
    }

    [Fact]
    public void Render_NewDraft_AsksForFieldsOfWhichOnlyTheNameIsRequired()
    {
        var step = RenderStep(new TokenDraft());

        Assert.Equal(["Name", "External ID", "Description", "Owner", "Contact"], step.Texts("label"));
        Assert.Equal([true, false, false, false], step.FindAll("input, textarea").Select(input => input.HasAttribute("required")));
        Assert.Equal("TEXTAREA", step.Field("Description").TagName);
        Assert.All(step.FindAll("input, textarea"), input => Assert.False(input.HasAttribute("aria-invalid")));
    }

    [Fact]
    public void Input_EachField_IsInTheDraftAndTold()
    {
        var (draft, told) = (new TokenDraft(), 0);
        var step = Render<GeneralStep>(parameters => parameters.Add(it => it.Draft, draft).Add(it => it.Changed, () => told++));

        step.Field("Name").Input("Shop");
        step.Field("External ID").Input("X-1");
        step.Field("Description").Input("Prices");

        Assert.Equal(("Shop", "X-1", "Prices", 3), (draft.Name, draft.ExternalId, draft.Description, told));
    }

    [Theory]
    [InlineData(TokenField.Name, "Name")]
    [InlineData(TokenField.ExternalId, "External ID")]
    [InlineData(TokenField.Description, "Description")]
    public void Render_Fault_StandsAtItsFieldAndNowhereElse(TokenField field, string label)
    {
        var step = RenderStep(new TokenDraft(), new Fault(field, "It is wrong."));

        Assert.Equal("It is wrong.", step.FaultOf(label));
        Assert.Single(step.FindAll("[aria-invalid]"));
        Assert.Equal("It is wrong.", Assert.Single(step.FindAll("[role=alert]")).TextContent);
    }

    [Theory]
    [InlineData(96, null)]
    [InlineData(97, "97 of 128")]
    [InlineData(129, "129 of 128")]
    public void Render_NameNearItsLimit_CountsTheCharacters(int length, string? count)
    {
        var step = RenderStep(new TokenDraft { Name = new string('n', length) });

        Assert.Equal(count, step.FindAll(".text-field-note")[0].Children.Select(PageReading.Words).ElementAtOrDefault(1));
        Assert.Equal(length > Token.NameLength, step.FindAll(".over").Count == 1);
    }

    [Fact]
    public void Render_NameOfEmoji_CountsAsTheRulesDo()
    {
        var name = string.Concat(Enumerable.Repeat("🦊", Token.NameLength));

        Assert.Null(TokenRules.CheckName(name));
        Assert.Empty(RenderStep(new TokenDraft { Name = name }).FindAll(".over"));
    }

    private IRenderedComponent<GeneralStep> RenderStep(TokenDraft draft, params Fault[] faults) =>
        Render<GeneralStep>(parameters => parameters.Add(it => it.Draft, draft).Add(it => it.Faults, faults));
}
