using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.List;

public sealed class TokenListAddressTests
{
    public static TheoryData<TokenQuery> Queries { get; } =
    [
        new TokenQuery(),
        new TokenQuery { Search = "order" },
        new TokenQuery { Search = "a&b=c#d?e+f%20 \"g\"/" },
        new TokenQuery { Search = "Ünïcødé 注文 🦊 עברית" },
        new TokenQuery { Status = TokenStatus.Revitalised },
        new TokenQuery { Status = TokenStatus.Deleted },
        new TokenQuery { ExtensionId = "EXT-001" },
        new TokenQuery { ModuleId = "MD-0002" },
        new TokenQuery { CreatedBy = "SU-160-984-311", WithDeleted = true },
        new TokenQuery { Expiring = true },
        new TokenQuery { Idle = true },
        new TokenQuery { Attention = TokenAttention.ExpiredCalled },
        new TokenQuery { Attention = TokenAttention.Idle, Search = "x" },
        new TokenQuery { WithDeleted = true },
        new TokenQuery { Sort = TokenSort.Name, Descending = false },
        new TokenQuery { Sort = TokenSort.LastUsed, Descending = true },
        new TokenQuery { Sort = TokenSort.Created, Descending = false },
        new TokenQuery { Page = 7 },
        new TokenQuery { PageSize = 100 },
        new TokenQuery
        {
            Search = "x", Status = TokenStatus.Active, ExtensionId = "EXT-000", ModuleId = "MD-0003", Expiring = true, Idle = true, WithDeleted = true,
            Sort = TokenSort.Expires, Descending = true, Page = 2, PageSize = 10,
        },
    ];

    [Theory]
    [InlineData(TokenAttention.ExpiringSoon, "expiring-soon")]
    [InlineData(TokenAttention.ExpiredCalled, "expired-called")]
    [InlineData(TokenAttention.RefusedToday, "refused-today")]
    [InlineData(TokenAttention.RetiredKey, "retired-key")]
    [InlineData(TokenAttention.Idle, "idle")]
    [InlineData(TokenAttention.NeverUsed, "never-used")]
    public void Write_Attention_IsInLowerCaseWithDashes(TokenAttention attention, string expected) =>
        Assert.Equal($"tokens?attention={expected}", TokenListAddress.Write(new TokenQuery { Attention = attention }));

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public void Parse_WhatWriteWrote_IsTheSameQuery(TokenQuery query) => Assert.Equal(query, Parse(TokenListAddress.Write(query)));

    [Fact]
    public void Write_NothingAskedFor_IsTheBareAddress() => Assert.Equal("tokens", TokenListAddress.Write(new TokenQuery()));

    [Fact]
    public void Write_EveryField_ReadsAsDocumented() => Assert.Equal(
        "tokens?q=zapier&status=expiring&extension=EXT-001&module=MD-0002&idle=1&sort=name&dir=desc&page=2&size=50",
        TokenListAddress.Write(new TokenQuery
        {
            Search = "zapier", Status = TokenStatus.Expiring, ExtensionId = "EXT-001", ModuleId = "MD-0002", Idle = true,
            Sort = TokenSort.Name, Descending = true, Page = 2, PageSize = 50,
        }));

    [Fact]
    public void Write_SpecialCharacters_StayWithinTheSearch() => Assert.Equal("tokens?q=a%26b%23c", TokenListAddress.Write(new TokenQuery { Search = "a&b#c" }));

    [Theory]
    [InlineData("status=gone")]
    [InlineData("status=0")]
    [InlineData("status=active,expiring")]
    [InlineData("status=")]
    [InlineData("extension=EXT-999")]
    [InlineData("module=MD-9999")]
    [InlineData("module=*")]
    [InlineData("module=md-0002")]
    [InlineData("expiring=yes&idle=true&deleted=2")]
    [InlineData("sort=secret")]
    [InlineData("sort=1")]
    [InlineData("dir=sideways")]
    [InlineData("page=0")]
    [InlineData("page=-1")]
    [InlineData("page=1000001")]
    [InlineData("page=99999999999999999999")]
    [InlineData("page=2.5")]
    [InlineData("page=٣")]
    [InlineData("size=11")]
    [InlineData("size=1000")]
    [InlineData("unknown=1&&=&%")]
    public void Parse_Garbage_IsLeftOut(string query) => Assert.Equal(new TokenQuery(), Parse("tokens?" + query));

    [Theory]
    [InlineData("status=ACTIVE&extension=EXT-001&module=MD-0002&sort=NAME")]
    [InlineData("STATUS=active&Extension=EXT-001&Module=MD-0002&Sort=name")]
    public void Parse_OtherCase_IsUnderstood(string query) => Assert.Equal(
        new TokenQuery { Status = TokenStatus.Active, ExtensionId = "EXT-001", ModuleId = "MD-0002", Sort = TokenSort.Name, Descending = false }, Parse("tokens?" + query));

    [Fact]
    public void Parse_SearchThatIsTooLong_IsCut() =>
        Assert.Equal(new string('x', TokenQuery.LongestSearch), Parse($"tokens?q={new string('x', 500)}").Search);

    [Fact]
    public void Parse_SearchOfBlanks_IsNone() => Assert.Equal("", Parse("tokens?q=%20%20").Search);

    [Theory]
    [InlineData(TokenSort.Name, false)]
    [InlineData(TokenSort.Handle, false)]
    [InlineData(TokenSort.Extension, false)]
    [InlineData(TokenSort.Status, false)]
    [InlineData(TokenSort.Expires, false)]
    [InlineData(TokenSort.Created, true)]
    [InlineData(TokenSort.LastUsed, true)]
    [InlineData(TokenSort.Permissions, true)]
    public void SortedBy_AnotherColumnThenAgain_ItsFirstOrderThenTheOther(TokenSort sort, bool descendsAtFirst)
    {
        var other = new TokenQuery { Sort = sort == TokenSort.Name ? TokenSort.Handle : TokenSort.Name, Search = "x", Page = 4 };

        var first = TokenListAddress.SortedBy(other, sort);
        var second = TokenListAddress.SortedBy(first with { Page = 3 }, sort);

        Assert.Equal(other with { Sort = sort, Descending = descendsAtFirst, Page = 1 }, first);
        Assert.Equal(first with { Descending = !descendsAtFirst }, second);
    }

    private static TokenQuery Parse(string address) => TokenListAddress.Parse(new Uri(new Uri("http://localhost:5080"), address), TestCatalog.Default);
}
