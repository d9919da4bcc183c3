using System.Globalization;
using Portal.Localization;
using Portal.Tests.Support;

namespace Portal.Tests.Localization;

public sealed class NameCollationTests
{
    private const CompareOptions Options = CompareOptions.IgnoreCase | CompareOptions.NumericOrdering;

    [Fact]
    public void SortKey_AccentsCaseAndNumbers_SortAsPeopleExpect()
    {
        var shuffled = MixedNames.InOrder.OrderBy(name => name.Length).ThenByDescending(name => name, StringComparer.Ordinal);
        Assert.Equal(MixedNames.InOrder, shuffled.OrderBy(NameCollation.SortKey, Bytes));
    }

    /// <summary>The stored order is that of every language without rules of its own.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("en-US")]
    [InlineData("en-GB")]
    [InlineData("de-DE")]
    [InlineData("de-CH")]
    [InlineData("fr-FR")]
    [InlineData("it-IT")]
    [InlineData("nl-NL")]
    [InlineData("pt-BR")]
    public void SortKey_GeneratedNamesOfSeveralScripts_SortAsTheCultureCompares(string culture)
    {
        var compare = CultureInfo.GetCultureInfo(culture).CompareInfo;
        using var reader = new ReaderCulture(culture);
        var names = MixedNames.Generate(300);
        var keys = names.Select(NameCollation.SortKey).ToList();
        for (var i = 0; i < names.Count; i++)
            for (var j = i; j < names.Count; j++)
            {
                var expected = Math.Sign(compare.Compare(names[i], names[j], Options));
                Assert.True(expected == Math.Sign(Bytes.Compare(keys[i], keys[j])), $"{names[i]} and {names[j]} in {culture}");
                Assert.Equal(expected, Math.Sign(NameCollation.ForReader.Compare(names[i], names[j])));
            }
    }

    [Fact]
    public void ForReader_LanguageWithRulesOfItsOwn_FollowsThem()
    {
        string[] names = ["Zebra", "Ärzte"];
        using (new ReaderCulture("de"))
            Assert.Equal(["Ärzte", "Zebra"], names.Order(NameCollation.ForReader));
        using (new ReaderCulture("sv"))
            Assert.Equal(["Zebra", "Ärzte"], names.Order(NameCollation.ForReader));
    }

    [Theory]
    [InlineData("w")]
    [InlineData("é")]
    [InlineData("я")]
    [InlineData("日")]
    [InlineData("😀")]
    public void SortKey_LongestName_IsNotCut(string letter)
    {
        var name = string.Concat(Enumerable.Repeat(letter, 127));
        Assert.True(Bytes.Compare(NameCollation.SortKey(name + "1"), NameCollation.SortKey(name + "2")) < 0);
        Assert.InRange(NameCollation.SortKey(name + "2").Length, 1, NameCollation.LongestSortKey - 1);
    }

    [Fact]
    public void SortKey_LettersThatExpand_IsCut()
    {
        var name = string.Concat(Enumerable.Repeat("\uFDFA", 128)); // A ligature of 18 letters.
        Assert.Equal(NameCollation.LongestSortKey, NameCollation.SortKey(name).Length);
        Assert.True(Bytes.Compare(NameCollation.SortKey("a"), NameCollation.SortKey(name)) < 0);
    }

    [Fact]
    public void Version_Fits() => Assert.Matches("^[0-9a-f]{16}$", NameCollation.Version);

    private static Comparer<byte[]> Bytes { get; } = Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other));
}
