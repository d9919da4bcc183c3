using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>Portal behind a real nginx that publishes it below a path and removes the path. Every request of the browser must be below it.</summary>
[Collection(BrowserTests.Name)]
public sealed class BelowAPathTests(BrowserEngine engine)
{
    [Fact]
    public async Task MainParts_BelowAPath_WorkAndAskForNothingOutside()
    {
        await using var portal = await PortalProcess.StartAsync(environment: new Dictionary<string, string> { ["Portal__TrustedProxies__0"] = "127.0.0.1" });
        await using var nginx = await StartNginxAsync(portal);
        var address = $"{nginx.Address}portal/";
        await using var ada = await Visitor.ArriveAsync(engine, portal, address: address);
        await ada.SetUpAsync(portal);
        Assert.StartsWith($"{address}tokens", ada.Page.Url, StringComparison.Ordinal);
        await ada.Link("Create token").First.ClickAsync();
        await Expect(ada.Page.GetByLabel("Name")).ToBeFocusedAsync();
        await ada.CreateTokenAsync("Below");
        await ada.ClickAsync("Go to details");
        await ada.Heading("Below").WaitForAsync();
        var key = await ada.CopyKeyAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync($"{address}public/v1/agreements", key));

        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Group, new() { Name = "Responses by category" })).ToContainTextAsync("1", new() { Timeout = 30_000 });
        await Expect(ada.Page.Locator(".apexcharts-canvas").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        var download = await ada.Page.RunAndWaitForDownloadAsync(() => ada.Link("Download CSV").ClickAsync());
        Assert.StartsWith(address, download.Url, StringComparison.Ordinal);

        await ada.Link("IP rules").ClickAsync();
        await ada.Heading("IP rules").WaitForAsync();
        await ada.Link("General").ClickAsync();
        await Expect(ada.Page.GetByText($"{address}public/v1", new() { Exact = true })).ToBeVisibleAsync();
        await ada.Page.GotoAsync("openapi");
        await ada.Heading("Portal").WaitForAsync();

        await ada.Page.GotoAsync("tokens");
        await ada.Heading("Tokens").WaitForAsync();
        await ada.ClickAsync("Ada Reyes");
        await ada.ClickAsync("Dark");
        await ada.Page.ReloadAsync();
        await Expect(ada.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await ada.Heading("Tokens").WaitForAsync();
        await ada.ClickAsync("Ada Reyes");
        await ada.ClickAsync("Sign out");
        await ada.Heading("Sign in").WaitForAsync();
        Assert.StartsWith($"{address}login", ada.Page.Url, StringComparison.Ordinal);
        ada.AssertNoBrowserErrors();
        Assert.DoesNotContain("fail:", portal.Output, StringComparison.Ordinal);
    }

    private static Task<SystemProgram> StartNginxAsync(PortalProcess portal) => SystemProgram.StartAsync("nginx", "nginx-light", "using the \"epoll\" event method", async (folder, port) =>
    {
        var file = Path.Combine(folder, "nginx.conf");
        string[] parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        var text = $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { }
            http {
            access_log off;
            {{string.Join('\n', parts.Select(part => $"{part}_temp_path {folder}/{part};"))}}
            server {
                listen 127.0.0.1:{{port}};
            {{Documented.Configuration("hosting.md", "nginx").With("http://portal.internal:5080/", $"{portal.Address}/")}}
            }
            }
            """;
        await File.WriteAllTextAsync(file, text);
        return ["-c", file, "-p", folder, "-e", "stderr"];
    });

    private static async Task<HttpStatusCode> CallAsync(string address, string key)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var response = await client.GetAsync(address, Xunit.TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
