using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class NoticeDaysTests
{
    [Theory]
    [InlineData("", null, "")]
    [InlineData(" - ", "", "-")]
    [InlineData("7, 30 ,7", "30,7", "30, 7")]
    [InlineData("0", "0", "0")]
    public void Read_ValidText_IsStoredAndWrittenBack(string typed, string? stored, string written)
    {
        Assert.Null(NoticeDays.Check(typed));
        Assert.Equal(stored, NoticeDays.Read(typed));
        Assert.Equal(written, NoticeDays.Write(stored));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-7")]
    [InlineData("a week")]
    [InlineData("7; 30")]
    [InlineData("99999999999")]
    public void Check_OtherText_NamesTheNumbers(string typed) =>
        Assert.Equal("Choose among these numbers of days: 180, 90, 60, 30, 14, 7, 3, 2, 1, 0.", NoticeDays.Check(typed));

    /// <summary>Whatever the database contains, the others are announced.</summary>
    [Theory]
    [InlineData("x")]
    [InlineData(",")]
    public void Parse_DamagedValue_IsNone(string stored) => Assert.Empty(NoticeDays.Parse(stored)!);

    [Fact]
    public async Task Edit_Days_AreStoredOrRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        async Task<TokenOutcome> EditAsync(string days)
        {
            var token = await portal.DetailsAsync(handle);
            return await portal.Tokens.EditAsync(portal.Operator, handle, new TokenEdit(token.Name, null, null, token.Choice) { NoticeDays = days }, token.Version, TestContext.Current.CancellationToken);
        }

        Assert.IsType<TokenOutcome.Done>(await EditAsync("14, 3"));
        Assert.Equal("14,3", (await portal.DetailsAsync(handle)).NoticeDays);
        Assert.Equal(TokenField.NoticeDays, Assert.Single(Assert.IsType<TokenOutcome.Invalid>(await EditAsync("15")).Faults).Field);
        Assert.IsType<TokenOutcome.Done>(await EditAsync(""));
        Assert.Null((await portal.DetailsAsync(handle)).NoticeDays);
    }
}
