using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Tokens.Details;

[Slow]
public sealed class TokenDownloadsTests(DemoProcess demo) : IClassFixture<DemoProcess>
{
    private static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    private string Handle => demo.ApiKey.Split(' ', ':')[1];

    [Fact]
    public async Task GetCsv_OwnToken_HasALineForEachOfThirtyDays()
    {
        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync($"/tokens/{Handle}/statistics.csv", Cancellation);
        var lines = (await answer.Content.ReadAsStringAsync(Cancellation)).TrimEnd().Split("\r\n");

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal($"{Handle}-statistics.csv", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        Assert.Equal("date,200,300,400,500,total", lines[0]);
        Assert.Equal(31, lines.Length);
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}(,[0-9]+){5}$", lines[1]);
    }

    [Fact]
    public async Task GetCsv_OwnToken_NumbersAreThoseCounted()
    {
        await using var context = OpenDatabase();
        var counted = await context.DailyCounts
            .Where(count => context.Tokens.Any(token => token.Id == count.TokenId && token.Handle == Handle))
            .SumAsync(count => count.Count, Cancellation);
        using var client = await demo.SignInAsync();

        var rows = (await client.GetStringAsync($"/tokens/{Handle}/statistics.csv", Cancellation)).TrimEnd().Split("\r\n").Skip(1)
            .Select(line => line.Split(',').Skip(1).Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToList();

        Assert.All(rows, row => Assert.Equal(row[4], row[..4].Sum()));
        Assert.Equal(counted, rows.Sum(row => row[4]));
    }

    [Theory]
    [InlineData("days=7", "date", 7)]
    [InlineData("days=90", "date", 90)]
    [InlineData("hours=24", "hour", 24)]
    [InlineData("days=5", "date", 30)]
    public async Task GetCsv_Period_HasItsLines(string query, string first, int count)
    {
        using var client = await demo.SignInAsync();

        var lines = (await client.GetStringAsync($"/tokens/{Handle}/statistics.csv?{query}", Cancellation)).TrimEnd().Split("\r\n");

        Assert.Equal($"{first},200,300,400,500,total", lines[0]);
        Assert.Equal(count, lines.Length - 1);
        Assert.All(lines.Skip(1), line => Assert.Matches(first == "hour" ? "^[0-9-]{10}T[0-9]{2}:00Z(,[0-9]+){5}$" : "^[0-9-]{10}(,[0-9]+){5}$", line));
    }

    [Theory]
    [InlineData("SU-000-000-000")]
    [InlineData("SU-1")]
    [InlineData("su-%E2%80%AE160")]
    [InlineData("SU-160-984-311%2F..")]
    public async Task GetCsv_NoSuchToken_IsNotFound(string handle)
    {
        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync($"/tokens/{handle}/statistics.csv", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task GetCsv_TokenOfAnotherAccount_IsNotFound()
    {
        const string Foreign = "SU-999-999-999";
        await using (var context = OpenDatabase())
        {
            context.Accounts.Add(new Account { Id = "PA-999-999", Name = "Another" });
            context.Tokens.Add(new Token
            {
                AccountId = "PA-999-999", Handle = Foreign, CreationId = Guid.CreateVersion7(), Name = "Foreign", NameKey = "FOREIGN", SearchText = "FOREIGN",
                ExtensionId = "EXT-000", ExtensionName = "custom", CreatedById = "1", CreatedByName = "Other", UpdatedById = "1", UpdatedByName = "Other",
            });
            await context.SaveChangesAsync(Cancellation);
        }

        using var client = await demo.SignInAsync();
        using var answer = await client.GetAsync($"/tokens/{Foreign}/statistics.csv", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task GetCsv_NobodySignedIn_LeadsToTheLogin()
    {
        using var client = demo.CreateClient();
        using var answer = await client.GetAsync($"/tokens/{Handle}/statistics.csv", Cancellation);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("/login", answer.Headers.Location?.ToString());
    }

    private PortalDbContext OpenDatabase() =>
        new(new DbContextOptionsBuilder<PortalDbContext>().UseSqlite($"Data Source={Path.Combine(demo.DataDirectory, "portal.db")}").Options);
}
