using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class TokenTotalsTests
{
    /// <summary>Columns that no order depends on (the last use), that never change after creation, or that change together with another one (the key
    /// of the name). All other columns belong in the trigger.</summary>
    private static readonly string[] Constant =
    [
        nameof(Token.Id), nameof(Token.AccountId), nameof(Token.Handle), nameof(Token.NameKey), nameof(Token.CreatedAt), nameof(Token.CreatedById),
        nameof(Token.ExtensionId), nameof(Token.ExtensionName), nameof(Token.CreationId), nameof(Token.LastUsedAt),
    ];

    /// <summary>The finder caches counts and orders until the version of the totals changes.</summary>
    [Fact]
    public async Task Version_ChangesWithEveryColumnThatListsFindOrOrderBy()
    {
        await using var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var trigger = await context.Database.SqlQuery<string>($"SELECT sql AS Value FROM sqlite_master WHERE name = 'TR_Tokens_Update'").SingleAsync(TestContext.Current.CancellationToken);
        var columns = trigger[..trigger.IndexOf("BEGIN", StringComparison.Ordinal)];
        var indexed = context.Model.FindEntityType(typeof(Token))!.GetIndexes().SelectMany(index => index.Properties).Select(property => property.Name).Distinct().ToList();
        Assert.Contains(nameof(Token.ExpiresAt), indexed);
        Assert.Equal([], indexed.Except(Constant).Where(column => !columns.Contains($"\"{column}\"", StringComparison.Ordinal)));
    }
}
