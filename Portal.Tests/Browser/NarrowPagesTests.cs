using System.Net.Http.Json;
using System.Text.Json;
using Portal.Tests.Hosting;

namespace Portal.Tests.Browser;

/// <summary>No page is wider than a screen of 320 or 390 pixels, even with a name that can't be broken at a space.</summary>
[Collection(DemoBrowserTests.Name)]
public sealed class NarrowPagesTests(BrowserEngine engine, DemoProcess demo)
{
    private const string Overflow =
        """
        () => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return '';
          const inFrame = element => element.closest('.table-frame, .scroll, [style*="overflow"]');
          const wide = [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > width + 1 && !inFrame(element)).at(-1);
          return `${document.documentElement.scrollWidth - width} px too wide: ${wide?.outerHTML.slice(0, 200)}`;
        }
        """;

    [Theory]
    [InlineData("de-DE", "Anmelden")]
    public async Task EveryPage_OnANarrowScreen_Fits(string locale, string signIn)
    {
        var handle = await CreateWithLongNameAsync(locale);
        try
        {
            Assert.Empty(await CheckAllAsync(locale, signIn, $"/tokens/{handle}"));
        }
        finally
        {
            // The other tests share the demonstration.
            using var client = CreateClient();
            using var deleted = await client.DeleteAsync($"/public/v1/auth/tokens/{handle}");
            deleted.EnsureSuccessStatusCode();
        }
    }

    private async Task<List<string>> CheckAllAsync(string locale, string signIn, string token)
    {
        await using var visitor = await Visitor.ArriveAsync(engine, demo.Portal, narrow: true, locale: locale);
        List<string> faults = [.. await CheckAsync(visitor, "/login", "h1")];
        await visitor.Page.Locator("#email").FillAsync(demo.Email);
        await visitor.Page.Locator("#password").FillAsync(demo.Password);
        await visitor.ClickAsync(signIn);
        await visitor.Page.Locator("[data-ready] table").WaitForAsync();
        foreach (var (address, ready) in new[]
        {
            ("/tokens", "table"), ("/tokens?q=nothing+like+this", ".empty"), (token, ".facts"), (token + "?tab=statistics", ".statistics"), (token + "?tab=permissions", "table"),
            (token + "/edit", "main form"), ("/tokens/SU-000-000-000", ".empty"), ("/tokens/create", "main form"), ("/tokens/deleted", "table"), ("/integrations", ".key-line"), ("/integrations/ip-rules", ".empty"),
            ("/nowhere", "h1"), ("/openapi", "h1"),
        })
            faults.AddRange(await CheckAsync(visitor, address, ready));
        return faults;
    }

    /// <summary>Checks one page in both widths.</summary>
    private static async Task<List<string>> CheckAsync(Visitor visitor, string address, string ready)
    {
        List<string> faults = [];
        await visitor.ResizeAsync(320, 640);
        await visitor.Page.GotoAsync(address);
        await visitor.Page.Locator(ready).First.WaitForAsync();
        foreach (var width in new[] { 320, 390 })
        {
            await visitor.ResizeAsync(width, 640);
            if (await visitor.Page.EvaluateAsync<string>(Overflow) is { Length: > 0 } fault)
                faults.Add($"{address} at {width}: {fault}");
        }

        return faults;
    }

    private async Task<string> CreateWithLongNameAsync(string locale)
    {
        using var client = CreateClient();
        var body = new { name = locale + new string('W', 123), external_id = new string('X', 128), description = new string('Y', 255), extension = new { id = "EXT-000" } };
        using var created = await client.PostAsJsonAsync("/public/v1/auth/tokens", body);
        return (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("handle").GetString()!;
    }

    private HttpClient CreateClient()
    {
        var client = demo.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", demo.ApiKey);
        return client;
    }
}
