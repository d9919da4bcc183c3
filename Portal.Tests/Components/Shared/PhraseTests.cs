using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Components.Shared;

namespace Portal.Tests.Components.Shared;

public sealed class PhraseTests : BunitContext
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Nothing to fill in.", "Nothing to fill in.")]
    [InlineData("{0}", "<b>one</b>")]
    [InlineData("See {0}.", "See <b>one</b>.")]
    [InlineData("{0}, {1} and {2}", "<b>one</b>, <i>two</i> and <u>three</u>")]
    [InlineData("{2}{0} vor {1}!", "<u>three</u><b>one</b> vor <i>two</i>!")]
    [InlineData("{0} or {0}", "<b>one</b> or <b>one</b>")]
    [InlineData("{3} {x} {} } {", "{3} {x} {} } {")]
    public void Render_Text_PutsEachElementWhereTheTextHasItsPlaceholder(string text, string expected) =>
        Assert.Equal(expected, Show(text, "<b>one</b>", "<i>two</i>", "<u>three</u>").Markup);

    [Fact]
    public void Render_Text_IsNoMarkup() => Assert.Equal("&lt;b&gt; &amp; <b>one</b>", Show("<b> & {0}", "<b>one</b>", null, null).Markup);

    [Fact]
    public void Render_PlaceholderWithoutAnElement_IsEmpty() => Assert.Equal("Before  after", Show("Before {1} after", "<b>one</b>", null, null).Markup);

    /// <summary>A circuit keeps its language, but the values of a text may change.</summary>
    [Fact]
    public void Render_AnotherText_ReplacesTheFirst()
    {
        var phrase = Show("See {0}.", "<b>one</b>", "<i>two</i>", null);

        phrase.Render(parameters => parameters.Add(it => it.Text, "{1} before {0}"));

        Assert.Equal("<i>two</i> before <b>one</b>", phrase.Markup);
    }

    private IRenderedComponent<Phrase> Show(string text, string? first, string? second, string? third) => Render<Phrase>(parameters => parameters
        .Add(it => it.Text, text).Add(it => it.First, Element(first)).Add(it => it.Second, Element(second)).Add(it => it.Third, Element(third)));

    private static RenderFragment? Element(string? markup) => markup is null ? null : builder => builder.AddMarkupContent(0, markup);
}
