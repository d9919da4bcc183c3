using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class WriteAheadLogTests
{
    private const int Large = 512 * 1024;

    [Fact]
    public async Task Trim_WhileSomebodyReadsAndAfter_CutsTheFileAsSoonAsItCan()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (cancellation, log) = (TestContext.Current.CancellationToken, portal.Services.GetRequiredService<WriteAheadLog>());
        var file = new FileInfo(Path.Combine(portal.Directory, "portal.db-wal"));
        // Keeps the file there, as the connections of a Portal do.
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

    private static long Length(FileInfo file)
    {
        file.Refresh();
        return file.Length;
    }
}
