using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Tests.Support;

/// <summary>Reads and changes a data directory from outside, while Portal runs on it or after it has ended.</summary>
internal static class StoredData
{
    public static PortalDbContext Open(string folder, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        if (TestDatabase.FindConnectionString(folder) is { } server)
            options.UsePortalPostgres(server);
        else
            options.UsePortalSqlite(Path.Combine(folder, "portal.db"), pooling: false);
        return new PortalDbContext(options.AddInterceptors(interceptors).Options);
    }

    /// <summary>Returns the number of counted requests.</summary>
    public static async Task<long> CountAsync(string folder)
    {
        await using var context = Open(folder);
        return await context.DailyCounts.SumAsync(count => count.Count, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until this many requests are counted; there were no more responses.</summary>
    public static async Task CountedAsync(string folder, long expected)
    {
        var since = Stopwatch.GetTimestamp();
        while (await CountAsync(folder) < expected)
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60), "They were not counted within a minute.");
    }

    /// <summary>Fills an empty data directory with a token for every module.</summary>
    /// <returns>The value of the token's <c>Authorization</c> header.</returns>
    public static async Task<string> WithTokenAsync(string folder) => (await DirectoryWithToken.CopyToAsync(folder)).ToHeaderValue();

    /// <summary>Removes the users, so that Portal waits for its first administrator again. No Portal may use the folder.</summary>
    public static async Task RemovePeopleAsync(string folder)
    {
        await using var context = Open(folder);
        await context.Users.ExecuteDeleteAsync(TestContext.Current.CancellationToken);
    }
}
