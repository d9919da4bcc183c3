using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data.Sqlite;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Sqlite;

[SqliteOnly]
public sealed class WriteAheadLogTests
{
    private const int Large = 512 * 1024;

    [Fact]
    public async Task Trim_WhileSomebodyReadsAndAfter_CutsTheFileAsSoonAsItCan()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (cancellation, log) = (TestContext.Current.CancellationToken, portal.Services.GetRequiredService<WriteAheadLog>());
        var file = new FileInfo(Path.Combine(portal.Directory, "portal.db-wal"));
        // Keeps the file in place, as Portal's connections do.
        await using var open = await portal.OpenAsync();
        await open.Database.OpenConnectionAsync(cancellation);
        await using (await OtherProgram.ReadAsync(portal.Directory))
        {
            while (Length(file) <= Large)
                await portal.CreateAsync(name: $"Token {Guid.CreateVersion7()}");
            Assert.False(await log.TrimAsync(Large, cancellation));
            Assert.True(Length(file) > Large);
        }

        Assert.False(await log.TrimAsync(cancellation: cancellation));
        Assert.True(await log.TrimAsync(Large, cancellation));
        Assert.Equal(0, Length(file));
        Assert.NotEmpty(await portal.ListAsync(new()));
    }

    [Fact]
    public async Task Start_LogHasGrown_IsCutByItself()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (cancellation, log) = (TestContext.Current.CancellationToken, portal.Services.GetRequiredService<WriteAheadLog>());
        var file = new FileInfo(Path.Combine(portal.Directory, "portal.db-wal"));
        await using var open = await portal.OpenAsync();
        await open.Database.OpenConnectionAsync(cancellation);
        await using (await OtherProgram.ReadAsync(portal.Directory))
            await portal.ExecuteAsync($"CREATE TABLE Large AS SELECT zeroblob({WriteAheadLog.MostKept + Large}) AS Content");
        Assert.True(Length(file) > WriteAheadLog.MostKept);

        await log.StartAsync(cancellation);
        for (var since = Stopwatch.GetTimestamp(); Length(file) > 0 && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10);)
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(0, Length(file));
        await log.StopAsync(cancellation);
    }

    [Fact]
    public async Task Connection_Any_LetsTheFileShrink()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        Assert.Equal([WriteAheadLog.MostKept], await context.Database.SqlQueryRaw<long>("SELECT journal_size_limit AS Value FROM pragma_journal_size_limit").ToListAsync(TestContext.Current.CancellationToken));
    }

    private static long Length(FileInfo file)
    {
        file.Refresh();
        return file.Length;
    }
}
