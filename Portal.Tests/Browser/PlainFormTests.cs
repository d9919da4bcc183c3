using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>Forms of plain HTML pages, which the browser sends itself.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class PlainFormTests(BrowserEngine engine, SharedPortal shared)
{
    /// <summary>The last listener for a submission: counts submissions and cancels them, like a response without a page.</summary>
    private const string CountWhatIsSent =
        "() => { window.sent = 0; addEventListener('submit', event => { if (!event.defaultPrevented) window.sent++; event.preventDefault(); }); }";

    private const string Press = "() => { document.querySelector('form[method=post] button[type=submit]').click(); return window.sent; }";

    /// <summary>A form is sent only once when its button is pressed twice. A response that keeps the page doesn't lock it permanently, nor does
    /// returning to it.</summary>
    [Fact]
    public async Task Submit_AnsweredWithoutAnotherPage_CanBeSentAgain()
    {
        await using (await shared.ArriveAsync(engine))
        {
            // From now on there is a user who can sign in.
        }

        await using var visitor = await Visitor.ArriveAsync(engine, shared.Process);
        await visitor.Page.Clock.InstallAsync();
        await visitor.Page.GotoAsync("/login");
        await visitor.Page.GetByLabel("Email").FillAsync(Visitor.Email);
        await visitor.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await visitor.Page.EvaluateAsync(CountWhatIsSent);

        Assert.Equal(1, await visitor.Page.EvaluateAsync<int>(Press));
        Assert.Equal(1, await visitor.Page.EvaluateAsync<int>(Press));
        await visitor.Page.Clock.FastForwardAsync(10_000);
        Assert.Equal(2, await visitor.Page.EvaluateAsync<int>(Press));
        await visitor.Page.EvaluateAsync("() => { dispatchEvent(new PageTransitionEvent('pageshow')); }");
        Assert.Equal(3, await visitor.Page.EvaluateAsync<int>(Press));
    }

    [Fact]
    public async Task Paste_LongerThanTheField_IsToldInTheFieldsPlace()
    {
        await using var visitor = await Visitor.ArriveAsync(engine, shared.Process);
        await visitor.Page.GotoAsync("/login");

        await visitor.PasteAsync(visitor.Page.GetByLabel("Email"), new string('x', 40_000));

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The text was cut off. It has 40000 characters, but this field allows at most");
    }

    /// <summary>The form of a page from the browser's cache may be out of date, and its session may have ended.</summary>
    [Fact]
    public async Task Page_ThatTheBrowserKeptAside_IsLoadedAnew()
    {
        await using var visitor = await Visitor.ArriveAsync(engine, shared.Process);
        await visitor.Page.GotoAsync("/login");
        await visitor.Page.EvaluateAsync("() => { window.keptAside = true; dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); }");
        await visitor.Page.WaitForFunctionAsync("() => !window.keptAside && document.readyState === 'complete'");
    }
}
