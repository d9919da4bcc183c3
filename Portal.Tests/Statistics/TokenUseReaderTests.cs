using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tests.Tokens.Bulk;

namespace Portal.Tests.Statistics;

public sealed class TokenUseReaderTests
{
    /// <summary>The estimate is the same as that for a single token.</summary>
    [Fact]
    public async Task Read_ManyTokens_CountsAsForEachAlone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(4);
        await portal.UseAsync(handles[0], TimeSpan.Zero, 7, 4, 0, 2);
        await portal.UseAsync(handles[1], TimeSpan.FromDays(3), 0, 0, 5, 6);
        await portal.UseAsync(handles[2], TimeSpan.FromDays(20), 0, 0, 0, 0, 0, 0, 0, 0, 99);
        var (reader, single) = (portal.Services.GetRequiredService<TokenUseReader>(), portal.Services.GetRequiredService<StatisticsReader>());

        var uses = await reader.ReadAsync(portal.Viewer, handles, TestContext.Current.CancellationToken);

        foreach (var handle in handles)
            Assert.Equal(
                new TokenUse(
                    await single.CountTodayAsync(portal.Viewer, handle, TestContext.Current.CancellationToken),
                    await single.CountPerDayAsync(portal.Viewer, handle, TestContext.Current.CancellationToken)),
                uses.GetValueOrDefault(handle));
        Assert.Empty(await reader.ReadAsync(portal.OtherAccountActor, handles, TestContext.Current.CancellationToken));
    }
}
