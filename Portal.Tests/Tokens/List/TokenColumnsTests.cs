using Portal.Tokens.List;

namespace Portal.Tests.Tokens.List;

public sealed class TokenColumnsTests
{
    [Theory]
    [InlineData("status,handle", "handle,status")]
    [InlineData("none", "none")]
    [InlineData("handle,bogus,handle", "handle")]
    [InlineData("HANDLE", "handle")]
    public void Read_Text_IsInTheOrderOfTheList(string text, string written) => Assert.Equal(written, TokenColumns.Write(TokenColumns.Read(text)!));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bogus")]
    [InlineData(",")]
    public void Read_NothingKnown_IsNull(string? text) => Assert.Null(TokenColumns.Read(text));

    [Fact]
    public void Write_AllColumns_FitsWhereItIsStored()
    {
        Assert.InRange(TokenColumns.Write(Enum.GetValues<TokenColumn>()).Length, 1, TokenColumns.MaximumLength);
        Assert.Equal(Enum.GetValues<TokenColumn>(), TokenColumns.Read(TokenColumns.Write(Enum.GetValues<TokenColumn>())));
        Assert.Null(TokenColumns.Read(new string('x', TokenColumns.MaximumLength + 1)));
    }
}
