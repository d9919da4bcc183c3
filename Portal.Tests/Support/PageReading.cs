using System.Text;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Tokens;

namespace Portal.Tests.Support;

/// <summary>Finds on a page what a person finds: fields by their labels, buttons by what they say.</summary>
internal static class PageReading
{
    /// <summary>The text with each run of white space as one space.</summary>
    public static string Words(this INode node) => string.Join(' ', node.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static string[] Texts(this IRenderedComponent<IComponent> page, string selector) => [.. page.FindAll(selector).Select(Words)];

    /// <summary>The field that belongs to a label; of a choice with a description, the label is its title.</summary>
    public static IElement Field(this IRenderedComponent<IComponent> page, string label)
    {
        var found = Assert.Single(page.FindAll("label"), candidate => label == (candidate.QuerySelector("strong") ?? candidate).Words());
        return found.GetAttribute("for") is { } id ? page.Find($"[id='{id}']") : found.QuerySelector("input, select")!;
    }

    /// <summary>The labels of all choices of a kind that is picked; of radio buttons there is one at most.</summary>
    public static string[] Picked(this IRenderedComponent<IComponent> page, string type) =>
        [.. page.FindAll($"label:has(input[type={type}])")
            .Where(label => label.QuerySelector("input")!.HasAttribute("checked"))
            .Select(label => (label.QuerySelector("strong") ?? label).Words())];

    public static IElement Button(this IRenderedComponent<IComponent> page, string name) =>
        Assert.Single(page.FindAll("button, a"), candidate => name == (candidate.GetAttribute("aria-label") ?? candidate.Words()));

    public static bool HasButton(this IRenderedComponent<IComponent> page, string name) =>
        page.FindAll("button, a").Any(candidate => name == (candidate.GetAttribute("aria-label") ?? candidate.Words()));

    /// <summary>The API key that a text is, whole and in the clear.</summary>
    public static ApiKey ToApiKey(this string text)
    {
        Assert.True(ApiKey.TryParse(text, out var handle, out var secret), "This is no API key: " + text);
        return ApiKey.Restore(handle.ToString(), Encoding.ASCII.GetBytes(secret.ToString()));
    }

    /// <summary>What stands beside a term of a list of facts.</summary>
    public static string Fact(this IRenderedComponent<IComponent> page, string term) =>
        page.FindAll("dt").First(candidate => candidate.Words() == term).NextElementSibling!.Words();

    /// <summary>What is said to be wrong with a field, where assistive technology looks for it; null: it is not marked as wrong.</summary>
    public static string? FaultOf(this IRenderedComponent<IComponent> page, string label)
    {
        var field = page.Field(label);
        return field.GetAttribute("aria-invalid") == "true" ? page.Find($"[id='{field.GetAttribute("aria-describedby")}']").Words() : null;
    }
}
