using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

/// <summary>Each index costs time with each write, so none exists twice under different names.</summary>
[Slow]
public sealed partial class IndexTests
{
    [GeneratedRegex(""" INDEX ("[^"]+"|\S+) ON """)]
    private static partial Regex Name { get; }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Indexes_OfAllTables_AreDifferent(bool onPostgres)
    {
        await using var portal = await TestPortal.CreateAsync(onPostgres: onPostgres);
        await using var context = await portal.OpenAsync();
        var definitions = await context.Database.SqlQueryRaw<string>(
            context.Database.IsSqlite()
                ? """SELECT sql AS "Value" FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"""
                : """SELECT indexdef AS "Value" FROM pg_indexes WHERE schemaname = 'public'""").ToListAsync(TestContext.Current.CancellationToken);
        Assert.True(definitions.Count > 50);
        Assert.Empty(definitions.GroupBy(definition => Name.Replace(definition, " INDEX ON ")).Where(same => same.Count() > 1).SelectMany(same => same));
    }
}
