using System.Reflection;
using System.Text;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Audit.Screen;
using Portal.Tests.Support;
using Portal.Tests.Tokens;
using Portal.Tokens;

namespace Portal.Tests.Audit.Screen;

public sealed class AuditPageTests : PageTestContext
{
    [Fact]
    public async Task Render_Change_ShowsWhoWhatWhereAndTheValuesBeforeAndAfter()
    {
        var token = await Server.CreateAsync(Server.Operator with { Address = "192.0.2.7" }, TestTokens.Wanted("Nightly"));
        var before = await Server.DetailsAsync(token.Handle);
        await Server.Tokens.EditAsync(Server.Operator, token.Handle, TokenServiceEditTests.EditOf(before) with { Name = "Hourly" }, before.Version);
        SignIn(Role.Administrator);
        var page = Render<AuditPage>();

        var rows = page.FindAll("table.audit > tbody > tr");
        Assert.Equal(["Token changed", "Token created"], rows.Select(row => row.QuerySelector("summary")!.TextContent));
        Assert.Equal(["Name", "Nightly", "Hourly"], rows[0].QuerySelectorAll(".audit-details tbody tr > *").Select(cell => cell.TextContent.Trim()));
        Assert.Equal("192.0.2.7", rows[1].QuerySelector("td:last-child a")!.TextContent);
        Assert.Equal($"tokens/{token.Handle}", rows[1].QuerySelector("td:nth-child(4) a")!.GetAttribute("href"));
        Assert.Equal("audit?address=192.0.2.7", rows[1].QuerySelector("td:last-child a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task Filters_EachField_ChangeTheAddressAndTheEntries()
    {
        var token = await Server.CreateAsync(name: "Nightly");
        await Server.CreateAsync(Server.Administrator, TestTokens.Wanted("Other"));
        SignIn(Role.Administrator);
        var page = Render<AuditPage>();

        await page.Find("#audit-target").ChangeAsync(new ChangeEventArgs { Value = token.Handle.Replace("-", "", StringComparison.Ordinal) });
        page.WaitForAssertion(() => Assert.Single(page.FindAll("table.audit > tbody > tr")));
        Assert.Equal($"/audit?target={token.Handle}", Address);
        Assert.Equal("Nightly", page.Find("#audit-target").GetAttribute("value"));

        await page.Find("#audit-who").ChangeAsync(new ChangeEventArgs { Value = "nobody" });
        Assert.Contains("Nobody and nothing with this name is known.", page.Find("#audit-who-fault").TextContent, StringComparison.Ordinal);
        await page.Find("#audit-address").ChangeAsync(new ChangeEventArgs { Value = "1.2.3" + "/x" });
        Assert.Contains("not an IP address", page.Find("#audit-address-fault").TextContent, StringComparison.Ordinal);

        await page.Find("#audit-action").ChangeAsync(new ChangeEventArgs { Value = "token.deleted" });
        page.WaitForAssertion(() => Assert.Contains("No entry matches the filters.", page.Markup, StringComparison.Ordinal));
        await page.Button("Clear filters").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("table.audit > tbody > tr").Count));
        Assert.Equal("/audit", Address);
    }

    [Fact]
    public async Task Filters_TextWithAKey_GoNowhere()
    {
        var token = await Server.CreateAsync();
        SignIn(Role.Administrator);
        var page = Render<AuditPage>();
        await page.Find("#audit-who").ChangeAsync(new ChangeEventArgs { Value = token.Key!.ToHeaderValue() });
        Assert.DoesNotContain(token.Key!.ToHeaderValue()[^40..], Address + page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_MoreThanAPage_LinksToTheRest()
    {
        for (var i = 0; i <= AuditReader.PageSize; i++)
            await Server.CreateAsync(name: $"Token {i}");
        SignIn(Role.Administrator);
        var page = Render<AuditPage>();
        Assert.Equal(AuditReader.PageSize, page.FindAll("table.audit > tbody > tr").Count);

        Navigation.NavigateTo(page.FindAll("a").Single(link => link.TextContent == "Older entries").GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Equal("Token 0", page.Find("table.audit > tbody > tr td:nth-child(4) a").TextContent));
        Assert.Equal("audit", page.FindAll("a").Single(link => link.TextContent == "Newest entries").GetAttribute("href"));
    }

    [Fact]
    public async Task Check_ChangedEntry_SaysWhere()
    {
        await Server.CreateAsync();
        SignIn(Role.Administrator);
        var page = Render<AuditPage>();
        await page.Button("Check now").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("The entry is unchanged.", page.Markup, StringComparison.Ordinal));

        await Server.ExecuteAsync(AuditTriggers.Off);
        await Server.ExecuteAsync("UPDATE AuditEntries SET ActorName = 'Nobody'");
        await page.Button("Check now").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("Entries were changed or removed at: 1.", page.Markup, StringComparison.Ordinal));

        await Server.ExecuteAsync("INSERT INTO AuditTrims (At, LastEntryId, Entries) VALUES ('2030-01-15 12:00:00', 7, 1)");
        await page.Button("Check now").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("doesn't record the removal of the entries up to 7,", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Activity_OfAToken_HasItsEntriesOnly()
    {
        var token = await Server.CreateAsync(Server.Operator with { Address = "192.0.2.7" }, TestTokens.Wanted("Nightly"));
        await Server.CreateAsync(name: "Other");
        SignIn(Role.Viewer);
        var card = Render<ActivityCard>(parameters => parameters.Add(it => it.Actor, Server.Viewer).Add(it => it.Handle, token.Handle).Add(it => it.Version, Guid.Empty));
        Assert.Equal("Token created", Assert.Single(card.FindAll("summary")).TextContent);
        Assert.DoesNotContain("192.0.2.7", card.Markup, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("a"));
    }

    [Fact]
    public void Texts_EveryActionOfTheCode_HasAName()
    {
        var codes = typeof(AuditAction).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Concat(TokenAction.All.Append(TokenAction.ChangeOwner).Select(action => action.AuditCode));
        Assert.DoesNotContain(codes, code => AuditTexts.NameOf(code) == code || !AuditTexts.Actions.Contains(code));
    }

    [Fact]
    public async Task Csv_TextThatASpreadsheetWouldCompute_IsEscaped()
    {
        await Server.CreateAsync(name: "=HYPERLINK(1)");
        var entries = await Server.Services.GetRequiredService<AuditExporter>().OpenAsync(Server.Administrator, new AuditFilter(), "csv");
        using var body = new MemoryStream();
        await AuditExports.WriteCsvAsync(body, entries, default);
        var lines = Encoding.UTF8.GetString(body.ToArray()).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("id,at,actor_kind,", lines[0], StringComparison.Ordinal);
        Assert.Contains("audit.exported", lines[1], StringComparison.Ordinal);
        Assert.Contains("'=HYPERLINK(1)", lines[2], StringComparison.Ordinal);
    }

    /// <summary>Ids that the export reads in several parts.</summary>
    [Fact]
    public async Task Export_MoreThanAPart_HasEachEntryOnce()
    {
        await using (var context = await Server.OpenAsync())
        {
            for (var i = 0; i < AuditExporter.EntriesAtOnce * 2; i++)
                context.AuditEntries.Add(new() { AccountId = TestPortal.Account, At = TestPortal.Start, ActorId = "a", ActorName = "a", ActorKind = "user", Action = "token.created", TargetId = "t", TargetName = "t", Details = """{"a":1}""" });
            await context.SaveChangesAsync();
        }

        var entries = await (await Server.Services.GetRequiredService<AuditExporter>().OpenAsync(Server.Administrator, new AuditFilter { ActorId = "a" }, "json")).ToListAsync();
        Assert.Equal(AuditExporter.EntriesAtOnce * 2, entries.Select(entry => entry.Id).Distinct().Count());
        Assert.All(entries, entry => Assert.Equal(64, entry.Hash!.Length));
    }
}
