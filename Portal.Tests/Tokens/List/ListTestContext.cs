using AngleSharp.Dom;
using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.List;

namespace Portal.Tests.Tokens.List;

/// <summary>The list of tokens at an address.</summary>
public abstract class ListTestContext : PageTestContext
{
    private protected IRenderedComponent<TokenList> Open(string address, Role role = Role.Administrator)
    {
        SignIn(role);
        Navigation.NavigateTo(address);
        return Render<TokenList>();
    }

    private protected static string[] Names(IRenderedComponent<TokenList> page) => page.Texts("tbody .cell-name");

    private protected static IElement Header(IRenderedComponent<TokenList> page, string title) =>
        Assert.Single(page.FindAll("th > button"), button => button.FirstChild!.Words() == title);

    /// <summary>Returns a column's sort direction for assistive technology; null if it isn't sorted.</summary>
    private protected static string? Sorted(IRenderedComponent<TokenList> page, string title) => Header(page, title).ParentElement!.GetAttribute("aria-sort");
}
