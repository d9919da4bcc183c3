using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>PostgreSQL compares texts as .NET does.</summary>
[Slow]
public sealed class PostgresTextTests
{
    [Fact]
    public async Task Upper_EveryLetter_IsThatOfDotNet()
    {
        await using var portal = await OpenAsync();
        await using var context = await portal.OpenAsync();
        List<string> letters = [.. Enumerable.Range(1, 0x10FFFF).Where(Rune.IsValid).Select(code => new Rune(code)).Where(rune => Rune.IsLetter(rune) || Rune.ToUpperInvariant(rune) != rune || Rune.ToLowerInvariant(rune) != rune).Select(rune => rune.ToString())];
        Assert.True(letters.Count > 100_000);
        // In one text, so that it is a single call.
        var raised = (await context.Database.SqlQuery<string>($"""SELECT portal_upper({string.Join(' ', letters)}) AS "Value" """).ToListAsync(TestContext.Current.CancellationToken)).Single();
        Assert.Equal("", string.Join(", ", letters.Zip(raised.Split(' ')).Where(pair => DatabaseText.Upper(pair.First) != pair.Second).Select(pair => $"U+{char.ConvertToUtf32(pair.First, 0):X4} {pair.First}: {pair.Second}")));
    }

    [Theory]
    [InlineData("*", "*")]
    [InlineData("", "")]
    [InlineData("a*b*", "axxbyy")]
    [InlineData("[*]*", "*x")]
    [InlineData("[*]", "\u0001")]
    [InlineData("\u0001", "*")]
    [InlineData("*[[]!*", "x[!y")]
    [InlineData("[[][*]]", "[*]")]
    [InlineData("[[]*]", "[x]")]
    [InlineData("[?]", "?")]
    [InlineData("[?]", "x")]
    [InlineData("%_", "%_")]
    [InlineData("%", "x")]
    [InlineData("_", "x")]
    [InlineData(@"\*", @"\x")]
    [InlineData(@"\%", "%")]
    [InlineData("ä*", "Äx")]
    [InlineData("🚀*", "🚀x")]
    [InlineData("a*", "a\nb")]
    public async Task Matches_EachPattern_GivesTheResultOfDotNet(string form, string text)
    {
        await using var portal = await OpenAsync();
        await using var context = await portal.OpenAsync();
        var found = (await context.Database.SqlQuery<bool>($"""SELECT portal_matches({form}, {text}) AS "Value" """).ToListAsync(TestContext.Current.CancellationToken)).Single();
        Assert.Equal(DatabaseText.MatchesPattern(form, text), found);
    }

    /// <summary>The log remains valid if it is copied from one kind of database to the other.</summary>
    [Fact]
    public async Task AuditHash_SameEntries_IsThatOfSqlite()
    {
        await using var postgres = await OpenAsync();
        using var folder = new TemporaryDirectory();
        await MigratedDatabase.CopyToAsync(folder.Path);
        string?[] texts = ["plain", "", null, "ä ß 日本 🚀 \u0001 \n ' \" \\", "{\"name\":{\"before\":\"a\",\"after\":\"b\"}}", new string('x', 70_000)];
        List<List<string>> hashes = [];
        foreach (var onPostgres in new[] { true, false })
        {
            await using var context = onPostgres ? await postgres.OpenAsync() : StoredData.Open(folder.Path);
            if (!onPostgres)
                context.Accounts.Add(new Account { Id = TestPortal.Account, Name = "An account", CreatedAt = TestPortal.Start });
            foreach (var (number, text) in texts.Index())
            {
                context.AuditEntries.Add(new AuditEntry
                {
                    Id = number + 1, AccountId = TestPortal.Account, At = TestPortal.Start.AddSeconds(number).AddTicks(number switch { 1 => 5_000_000, 2 => 10, 3 => 1_200_000, _ => 0 }),
                    ActorId = "user-1", ActorName = text ?? "", ActorKind = "user", Action = "token.created", TargetId = "SU-000-000-001", TargetName = text ?? "x", Details = text,
                });
                await context.SaveChangesAsync(TestContext.Current.CancellationToken);
            }

            hashes.Add([.. (await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Id).ToListAsync(TestContext.Current.CancellationToken)).Select(entry => Convert.ToHexString(entry.Hash!))]);
            Assert.Empty((await AuditChain.CheckAsync(context, cancellation: TestContext.Current.CancellationToken)).Broken);
        }

        Assert.Equal(6, hashes[0].Distinct().Count());
        Assert.Equal(hashes[1], hashes[0]);
    }

    private static Task<TestPortal> OpenAsync() => TestPortal.CreateAsync(onPostgres: true);
}
