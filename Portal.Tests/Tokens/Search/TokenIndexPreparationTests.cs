using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Search;

namespace Portal.Tests.Tokens.Search;

public sealed class TokenIndexPreparationTests
{
    [Theory]
    [InlineData(TokenIndexes.MostReadOnDemand, false)]
    [InlineData(TokenIndexes.MostReadOnDemand + 1, true)]
    public async Task Start_AccountWithManyTokens_ItsIndexIsReadAfterAWhile(int tokens, bool expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        await portal.ExecuteAsync($"UPDATE \"TokenTallies\" SET \"Kept\" = {tokens}");
        var indexes = portal.Services.GetRequiredService<TokenIndexes>();
        using var preparation = new TokenIndexPreparation(
            portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>(), indexes, portal.Clock, NullLogger<TokenIndexPreparation>.Instance);
        await preparation.StartAsync(TestContext.Current.CancellationToken);

        // It begins to wait on another thread.
        for (; !preparation.ExecuteTask!.IsCompleted; await Task.Yield())
            portal.Clock.Advance(TokenIndexPreparation.Delay);

        Assert.Equal(expected, indexes.Has(portal.Viewer.AccountId));
    }
}
