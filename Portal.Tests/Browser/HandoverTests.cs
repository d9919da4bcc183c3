using Npgsql;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>An open page continues on another node when its node stops or dies.</summary>
[Collection(BrowserTests.Name)]
public sealed class HandoverTests(BrowserEngine engine)
{
    [Fact]
    public async Task Wizard_NodeStopsAndTheNextOneDies_ContinuesAndCreatesOneToken()
    {
        await using var nodes = await SeveralNodesBehindNginx.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, nodes.First, address: nodes.Address);
        await ada.SetUpAsync(nodes.First);
        var stopped = await nodes.NodeOfAsync(ada.Page);
        await ada.Page.GotoAsync("tokens/create");
        var name = ada.Page.GetByLabel("Name");
        await name.FillAsync("Carried ");
        await ada.Page.EvaluateAsync("() => { window.isSame = true; }");

        await stopped.StopAsync();
        await Expect(ada.Page.Locator("html[data-ready]")).ToHaveCountAsync(1);
        await Expect(name).ToBeFocusedAsync();
        await ada.Page.Keyboard.TypeAsync("over");
        await Expect(name).ToHaveValueAsync("Carried over");
        await Expect(ada.Page.GetByText("Your draft was restored")).ToHaveCountAsync(0);
        Assert.True(await ada.Page.EvaluateAsync<bool>("() => window.isSame"), "The page was loaded again.");
        ada.AssertNoBrowserErrors();

        await ada.ClickAsync("Next");
        var died = await nodes.NodeOfAsync(ada.Page);
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Zapier").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Agreements").CheckAsync();
        // The answer to the first click doesn't arrive.
        await ada.ClickAsync("Create");
        await died.KillAsync();
        await Expect(ada.Page.Locator("html[data-ready]")).ToHaveCountAsync(1);
        await ada.Button("Create").Or(ada.Button("Go to details")).WaitForAsync();
        if (await ada.Button("Create").IsVisibleAsync())
            await ada.ClickAsync("Create");
        await ada.Button("Go to details").WaitForAsync();
        Assert.Equal(["Carried over"], await ReadNamesAsync(nodes.Connection));
        Assert.NotSame(stopped, died);
        Assert.DoesNotContain("fail:", stopped.Output, StringComparison.Ordinal);
    }

    private static async Task<string[]> ReadNamesAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("""SELECT array_agg("Name") FROM "Tokens" """);
        return (string[])(await command.ExecuteScalarAsync(Xunit.TestContext.Current.CancellationToken))!;
    }
}
