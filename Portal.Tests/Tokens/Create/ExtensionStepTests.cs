using Bunit;
using Portal.Tests.Support;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

public sealed class ExtensionStepTests : BunitContext
{
    [Fact]
    public void Render_NewDraft_OffersEveryExtensionWithItsDescriptionAndCustomPreselected()
    {
        var step = RenderStep(TokenDraft.Start(TestCatalog.Default, []));

        Assert.Equal(["Custom", "Zapier", "Reports", "Flowgear"], step.Texts("label strong"));
        Assert.Equal(TestCatalog.Default.Extensions.Select(extension => extension.Description), step.Texts("label small"));
        Assert.Equal(["Custom"], step.Picked("radio"));
        Assert.Equal("What is the token for?", step.Find("fieldset > legend").TextContent);
    }

    [Fact]
    public void Change_AnotherExtension_IsInTheDraft()
    {
        var draft = TokenDraft.Start(TestCatalog.Default, []);
        var step = RenderStep(draft);

        step.Field("Zapier").Change("EXT-001");

        Assert.Equal("EXT-001", draft.ExtensionId);
        Assert.Equal(["Zapier"], step.Picked("radio"));
    }

    [Fact]
    public void Render_ExtensionNoLongerOffered_NoneIsPickedAndTheFaultIsTold()
    {
        var step = RenderStep(new TokenDraft { ExtensionId = "EXT-999" }, "Choose an extension.");

        Assert.Empty(step.Picked("radio"));
        Assert.Equal("Choose an extension.", step.Find("[role=alert]").TextContent);
    }

    private IRenderedComponent<ExtensionStep> RenderStep(TokenDraft draft, string? fault = null) => Render<ExtensionStep>(parameters => parameters
        .Add(it => it.Draft, draft).Add(it => it.Extensions, TestCatalog.Default.Extensions).Add(it => it.Fault, fault));
}
