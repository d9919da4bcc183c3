using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Portal.Components.Shared;

/// <summary>Shows a text with elements in place of its placeholders, so that each language can put them where they belong.</summary>
public sealed partial class Phrase : ActionComponent
{
    /// <summary>With <c>{0}</c> for <see cref="First"/>, <c>{1}</c> for <see cref="Second"/> and <c>{2}</c> for <see cref="Third"/>.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    [Parameter]
    public RenderFragment? First { get; set; }

    [Parameter]
    public RenderFragment? Second { get; set; }

    [Parameter]
    public RenderFragment? Third { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var written = 0;
        foreach (var placeholder in Placeholder().EnumerateMatches(Text))
        {
            builder.AddContent(0, Text[written..placeholder.Index]);
            builder.AddContent(1, Text[placeholder.Index + 1] switch { '0' => First, '1' => Second, _ => Third });
            written = placeholder.Index + placeholder.Length;
        }

        builder.AddContent(2, Text[written..]);
    }

    [GeneratedRegex(@"\{[0-2]\}")]
    private static partial Regex Placeholder();
}
