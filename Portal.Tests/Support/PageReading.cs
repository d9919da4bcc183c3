using System.Text;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Tokens;

namespace Portal.Tests.Support;

/// <summary>Finds elements of a page as a person does: fields by their labels, buttons by their text.</summary>
internal static class PageReading
{
    /// <summary>The text with each run of white space replaced by one space.</summary>
    public static string Words(this INode node) => string.Join(' ', node.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static string[] Texts(this IRenderedComponent<IComponent> page, string selector) => [.. page.FindAll(selector).Select(Words)];

    /// <summary>Returns the field with a label; for a choice with a description, the label is its title.</summary>
    public static IElement Field(this IRenderedComponent<IComponent> page, string label)
    {
        var found = Assert.Single(page.FindAll("label"), candidate => label == (candidate.QuerySelector("strong") ?? candidate).Words());
        return found.GetAttribute("for") is { } id ? page.Find($"[id='{id}']") : found.QuerySelector("input, select")!;
    }

    /// <summary>Returns the labels of all selected choices of a kind; at most one for radio buttons.</summary>
    public static string[] Picked(this IRenderedComponent<IComponent> page, string type) =>
        [.. page.FindAll($"label:has(input[type={type}])")
            .Where(label => label.QuerySelector("input")!.HasAttribute("checked"))
            .Select(label => (label.QuerySelector("strong") ?? label).Words())];

    public static IElement Button(this IRenderedComponent<IComponent> page, string name) =>
        Assert.Single(page.FindAll("button, a"), candidate => name == (candidate.GetAttribute("aria-label") ?? candidate.Words()));

    public static bool HasButton(this IRenderedComponent<IComponent> page, string name) =>
        page.FindAll("button, a").Any(candidate => name == (candidate.GetAttribute("aria-label") ?? candidate.Words()));

    /// <summary>Parses a text that is a complete API key in plain text.</summary>
    public static ApiKey ToApiKey(this string text)
    {
        Assert.True(ApiKey.TryParse(text, out var handle, out var secret), "This is no API key: " + text);
        return ApiKey.Restore(handle.ToString(), Encoding.ASCII.GetBytes(secret.ToString()));
    }

    /// <summary>Returns the value of a term in a list of facts.</summary>
    public static string Fact(this IRenderedComponent<IComponent> page, string term) =>
        page.FindAll("dt").First(candidate => candidate.Words() == term).NextElementSibling!.Words();

    /// <summary>Returns the error of a field from where assistive technology reads it; null if the field isn't marked as invalid.</summary>
    public static string? FaultOf(this IRenderedComponent<IComponent> page, string label)
    {
        var field = page.Field(label);
        return field.GetAttribute("aria-invalid") == "true" ? page.Find($"[id='{field.GetAttribute("aria-describedby")}']").Words() : null;
    }
}
