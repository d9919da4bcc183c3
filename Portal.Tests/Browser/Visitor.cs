using System.Collections.Concurrent;
using Microsoft.Playwright;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>A person with a separate browser, who finds elements by their text.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    private readonly IBrowserContext _context;
    private readonly FailureRecord _record;
    private readonly string _address;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private Visitor(IBrowserContext context, IPage page, FailureRecord record, string address, Look look)
    {
        (_context, Page, _record, _address, Looks) = (context, page, record, address, [look]);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsOfLeaving(message.Text))
                _complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) =>
        {
            if (!IsOfLeaving(error))
                _complaints.Enqueue("exception: " + error);
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                _complaints.Enqueue($"{response.Status} {response.Url}");
        };
        page.Request += (_, request) => _requests.Enqueue(request.Url);
    }

    public IPage Page { get; }

    /// <summary>The looks in which <see cref="PagesTests.CheckAsync(Visitor, string)"/> checks each state of a page; the steps of a test use the first one.</summary>
    /// <remarks>Resizing the window is much faster than repeating all steps.</remarks>
    public IReadOnlyList<Look> Looks { get; set; }

    /// <summary>The addresses that the browser requested.</summary>
    public IEnumerable<string> Requests => _requests;

    /// <param name="address">The address of Portal, with a trailing slash; null for its own.</param>
    /// <param name="locale">The language that the browser prefers.</param>
    /// <param name="session">The state of a browser that is signed in; null for a new browser.</param>
    public static async Task<Visitor> ArriveAsync(
        BrowserEngine engine, PortalProcess portal, bool narrow = false, bool dark = false, string? address = null, string locale = "en-US", string? session = null)
    {
        address ??= portal.Address;
        var look = (narrow ? Look.Narrow : Look.Wide) with { IsDark = dark };
        var context = await engine.OpenAsync(
            new BrowserNewContextOptions
            {
                BaseURL = address,
                ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
                TimezoneId = "Asia/Tokyo",
                Locale = locale,
                StorageState = session,
                // The pages' own policy applies; the test injects axe.
                BypassCSP = false,
            },
            dark);
        var page = await context.NewPageAsync();
        return new Visitor(context, page, await FailureRecord.StartAsync(page), address, look);
    }

    /// <summary>Changes the window's size, and waits until the page has that size too: the browser resizes the window before the page.</summary>
    public async Task ResizeAsync(int width, int height)
    {
        await Page.SetViewportSizeAsync(width, height);
        await Page.EvaluateAsync(
            """
            async ([width, height]) => {
              const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
              while (innerWidth !== width || innerHeight !== height) await frame();
              for (let frames = 0; frames < 2; frames++) await frame();
            }
            """,
            new[] { width, height });
    }

    /// <summary>Changes the window's size and the page's theme.</summary>
    public async Task ShowAsync(Look look)
    {
        await ResizeAsync(look.Width, look.Height);
        // As the user menu does: the automation of Firefox can't change the system's color scheme.
        await Page.EvaluateAsync("theme => document.documentElement.dataset.theme = theme", look.IsDark ? "dark" : "light");
    }

    /// <summary>Creates the first administrator.</summary>
    public async Task SetUpAsync(PortalProcess portal)
    {
        await Page.GotoAsync("./");
        await Page.GetByLabel("Setup code").FillAsync(portal.SetupCode);
        await Page.GetByLabel("Name").FillAsync("Ada Reyes");
        await Page.GetByLabel("Email").FillAsync(Email);
        await Page.GetByLabel("Password").FillAsync(Password);
        await ClickAsync("Create administrator");
        await Heading("Tokens").WaitForAsync();
    }

    public async Task SignInAsync(string email = Email, string password = Password)
    {
        await Page.GotoAsync("login");
        await Page.GetByLabel("Email").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await ClickAsync("Sign in");
        await Heading("Tokens").WaitForAsync();
    }

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public Task ClickAsync(string button) => Button(button).ClickAsync();

    /// <summary>Goes from the list to the Summary step: a restricted token for one module, with the defaults for the rest.</summary>
    public async Task CreateTokenAsync(string name, string module = "Agreements")
    {
        await Page.GotoAsync("tokens/create");
        await Page.GetByLabel("Name").FillAsync(name);
        await ClickAsync("Next");
        await Page.GetByLabel("90 days").WaitForAsync();
        await ClickAsync("Next");
        await Page.GetByLabel("Zapier").WaitForAsync();
        await ClickAsync("Next");
        await Page.GetByLabel(module).CheckAsync();
        await ClickAsync("Create");
        await Button("Go to details").WaitForAsync();
    }

    /// <summary>Clicks Copy and reads the clipboard.</summary>
    public async Task<string> CopyKeyAsync()
    {
        await ClickAsync("Copy");
        await Button("Copied").WaitForAsync();
        return await Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
    }

    /// <summary>Reads a link that a dialog shows once, such as an invitation.</summary>
    public async Task<string> ReadLinkAsync()
    {
        var shown = Page.GetByRole(AriaRole.Dialog).Locator(".key-value");
        await Assertions.Expect(shown).ToContainTextAsync("#");
        return await shown.InnerTextAsync();
    }

    /// <summary>Pastes a text into a field, like a person.</summary>
    public async Task PasteAsync(ILocator field, string text)
    {
        await Page.EvaluateAsync("text => navigator.clipboard.writeText(text)", text);
        await field.PressAsync("ControlOrMeta+v");
    }

    /// <summary>Asserts that the browser logged no errors and loaded nothing from other hosts.</summary>
    /// <param name="provider">The address of an identity provider that the person visited; null: none.</param>
    public void AssertNoBrowserErrors(string? provider = null)
    {
        Assert.True(_complaints.IsEmpty, string.Join('\n', _complaints));
        Assert.All(_requests, url => Assert.True(url.StartsWith(_address, StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal) || (provider is not null && url.StartsWith(provider, StringComparison.Ordinal)), url));
    }

    /// <summary>Firefox closes the WebSocket of a page that is left before its scripts end. Blazor's script then complains about the message that
    /// it can't send any more.</summary>
    private bool IsOfLeaving(string complaint) =>
        Page.Context.Browser?.BrowserType.Name == "firefox"
        && (complaint.Contains("Failed to deliver completion notification for render", StringComparison.Ordinal)
            || complaint.Contains("WebSocket is not in the OPEN state", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _record.DisposeAsync();
        await _context.DisposeAsync();
    }
}
