using Bunit;
using Portal.Access;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;
using Portal.Tokens.List;

namespace Portal.Tests.Tokens;

/// <summary>The pages, rules and refusals are in the reader's language. Stored data is the same in every language.</summary>
public sealed class TokenLanguageTests : PageTestContext
{
    [Fact]
    public async Task List_German_IsGerman()
    {
        await Server.CreateAsync();
        using var reader = new ReaderCulture("de-DE");
        SignIn(Role.Administrator);
        Navigation.NavigateTo("tokens");

        var page = Render<TokenList>();

        Assert.Equal("Token", page.Find("h1").Words());
        Assert.Equal(
            ["Name", "Handle", "Erweiterung", "Status", "Berechtigungen", "Erstellt", "Läuft ab", "Zuletzt verwendet"],
            page.FindAll("th > button").Select(button => button.FirstChild!.Words()));
        Assert.Equal(
            ["Nicht gelöschte", "Aktiv", "Läuft bald ab", "Erneuert", "Abgelaufen", "Ausstehend", "Inaktiv", "Gelöscht"],
            page.Texts("#filter-status option"));
        Assert.Equal("Läuft innerhalb von 30 Tagen ab", page.Texts(".toggle")[0]);
        Assert.Equal(["Bearbeiten", "Deaktivieren", "Rotieren", "Verlängern", "Duplizieren", "Löschen"], await OpenMenuInGermanAsync(page));
    }

    [Fact]
    public void Statistics_German_HaveGermanNumbersAndDays()
    {
        using var reader = new ReaderCulture("de-DE");
        var last = new DateOnly(2026, 11, 24);
        var statistics = TokenStatistics.From([Count(200, 1235), Count(304, 20), Count(404, 3)], last.AddDays(-29), last) with
        {
            Latency = new LatencyStatistics(TimeSpan.FromMilliseconds(0.42), TimeSpan.FromMilliseconds(12.4), TimeSpan.FromSeconds(1.25)),
        };

        var tab = Render<StatisticsTab>(parameters => parameters
            .Add(it => it.Statistics, statistics).Add(it => it.Handle, "SU-160-984-311").Add(it => it.ModuleName, id => id).Add(it => it.Endpoint, ""));

        Assert.Equal(["1.258", "1.235 98,2 %", "20 1,6 %", "3 0,2 %"], tab.Texts(".totals .figure"));
        Assert.Equal(["0,5 ms", "13 ms", "1,3 s"], tab.Texts(".latency .figure"));
        Assert.Equal("26. Okt. 2026 bis 24. Nov. 2026 (bisher), in UTC-Tagen", tab.Find(".graph-heading .remark").Words());
        Assert.Equal("26. Okt.", tab.FindComponent<Portal.Components.Shared.ApexChart>().Instance.Categories[0]);
        Assert.Contains("1.235 erfolgreich, 20 umgeleitet, 3 mit Clientfehler", tab.Find("[role=img]").GetAttribute("aria-label"), StringComparison.Ordinal);

        DailyCount Count(int statusCode, long count) =>
            new() { TokenId = 1, Day = last, ModuleId = "MD-0002", StatusCode = statusCode, Reason = "", Count = count };
    }

    /// <summary>The service writes on another thread, which doesn't have the reader's language.</summary>
    [Fact]
    public async Task Refusal_German_IsGermanAndTheAuditIsNot()
    {
        var handle = (await Server.CreateAsync(days: null)).Handle;
        var token = await Server.DetailsAsync(handle);
        using var reader = new ReaderCulture("de-DE");

        var refused = Assert.IsType<TokenOutcome.Refused>(await Server.Tokens.RenewAsync(Server.Operator, handle, Server.Now.AddDays(1), cancellation: Xunit.TestContext.Current.CancellationToken));
        Assert.StartsWith("Dieses Token hat keinen Ablauf", refused.Message, StringComparison.Ordinal);

        var edit = new TokenEdit(token.Name, null, null, ModuleChoice.All, RateLimitChoice.Of(new RateLimit(1000, RateUnit.Hour)));
        Assert.IsType<TokenOutcome.Done>(await Server.Tokens.EditAsync(Server.Operator, handle, edit, token.Version, Xunit.TestContext.Current.CancellationToken));
        Assert.Equal(
            """{"modules":{"before":"MD-0002","after":"all"},"rate_limit":{"before":"default","after":"1000 per hour"}}""", (await Server.AuditAsync())[^1].Details);
    }

    /// <summary>The values that were seen are stored as codes, so that another language doesn't cause a conflict.</summary>
    [Fact]
    public async Task EditDraft_ReadInAnotherLanguage_HasTheSameChanges()
    {
        var token = await Server.DetailsAsync((await Server.CreateAsync()).Handle);
        var form = new TokenEditForm(token, Server.Catalog) { Name = "Mine" };
        form.Modules.AllModules = true;
        form.Rate.Rule = RateRule.None;
        form.MayOutlive = true;
        var draft = EditDraftSerializer.Write(form, token);
        using var reader = new ReaderCulture("de-DE");
        var restored = new TokenEditForm(token, Server.Catalog);

        var (version, seen) = EditDraftSerializer.Restore(draft, restored, Server.Catalog)!.Value;

        Assert.Empty(restored.Resume(version, seen));
        Assert.Equal(
            [
                "Name: Nightly report → Mine", "Berechtigungen: Agreements → alle Module", "Ratenlimit: Standard → keines",
                "Darf Schlüssel erstellen, die länger gelten als es selbst: nein → ja",
            ],
            restored.Changes());
    }

    [Theory]
    [InlineData("de-DE", "1.000", 1000)]
    [InlineData("de-DE", "1,000", 0)]
    [InlineData("en-US", "1,000", 1000)]
    [InlineData("en-US", "1.000", 0)]
    public void RateLimit_Typed_IsReadInTheReadersForm(string culture, string typed, int requests)
    {
        using var reader = new ReaderCulture(culture);

        Assert.Equal(requests, new RateLimitInput { Rule = RateRule.Own, Requests = typed }.ToChoice().Limit!.Value.Requests);
    }

    [Theory]
    [InlineData("90 days", "90 Tage")]
    [InlineData("1 year", "1 Jahr")]
    [InlineData("6 months", "6 Monate")]
    [InlineData("as configured", "as configured")]
    public void ExpirationPicker_Preset_IsGerman(string preset, string shown)
    {
        using var reader = new ReaderCulture("de-DE");

        var picker = Render<ExpirationPicker>(parameters => parameters.Add(it => it.Choice, new ExpirationChoice()).Add(it => it.Presets, [preset]));

        Assert.Equal([shown, "Eigenes Datum", "Unbefristet"], picker.Texts("label.choice"));
    }

    private async Task<string[]> OpenMenuInGermanAsync(IRenderedComponent<TokenList> page)
    {
        await page.Button("Aktionen für Nightly report").ClickAsync();
        return Menus.Texts("[role=menuitem]");
    }
}
