using FsCheck;
using FsCheck.Fluent;
using Portal.Api.Rql;
using Portal.Catalog;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Rql;

/// <summary>Queries of lists in memory work like those in the database.</summary>
public sealed class CatalogPropertiesTests
{
    [Theory]
    [InlineData("id=MD-0002", "Agreements")]
    [InlineData("in(name,(Billing,Usage))", "Billing Usage")]
    [InlineData("like(name,L*)", "Leads Listings Localization")]
    [InlineData("like(name,l*)", "")]
    [InlineData("ilike(name,l*)", "Leads Listings Localization")]
    [InlineData("ilike(name,*S)&like(id,MD-000*)", "Agreements Contracts Customers Integrations Listings")]
    [InlineData("not(like(name,*e*))", "Billing Contracts Listings Localization Pricing Products Subscriptions")]
    [InlineData("search=IC", "Pricing")]
    [InlineData("search=0024", "DevOps")]
    [InlineData("(search=ews|search=*age)", "News Usage")]
    [InlineData("search=\"\"&id=MD-0002", "Agreements")]
    [InlineData("search=b*l", "Billing")]
    [InlineData("ordering(-name)&like(name,P*)", "Products Pricing Partners")]
    [InlineData("ordering(id)&out(id,(null(),x))&like(id,MD-000*)&ilike(name,c*)", "Contracts Customers")]
    [InlineData("id=null()", "")]
    [InlineData("ne(id,null())&name=empty()", "")]
    public void Modules_Query_FindsThem(string query, string expected)
    {
        Assert.True(RqlParser.TryParse(query, out var parsed, out _));
        Assert.Empty(CatalogProperties.Modules.Apply(TestCatalog.Default.Modules.AsQueryable(), parsed, out var found));

        Assert.Equal(expected, string.Join(' ', found.Select(module => module.Name)));
    }

    [Theory]
    [InlineData("name=zapier", "EXT-001")]
    [InlineData("status=draft", "")]
    [InlineData("status=unrestricted&portal=any&ordering(status,-id)", "EXT-003 EXT-002 EXT-001 EXT-000")]
    [InlineData("ne(status,draft)&id=EXT-000", "EXT-000")]
    [InlineData("external_id=null()&featured=ne=true&like(name,*o*)&ordering(-id)", "EXT-003 EXT-002 EXT-000")]
    [InlineData("ge(priority,0)", "")]
    [InlineData("ordering(priority,-id)", "EXT-003 EXT-002 EXT-001 EXT-000")]
    public void Extensions_Query_FindsThem(string query, string expected)
    {
        Assert.True(RqlParser.TryParse(query, out var parsed, out _));
        Assert.Empty(CatalogProperties.Extensions.Apply(TestCatalog.Default.Extensions.AsQueryable(), parsed, out var found));

        Assert.Equal(expected, string.Join(' ', found.Select(extension => extension.Id)));
    }

    [Theory]
    [InlineData("search=a\\", "a\\")]
    [InlineData("search=a\\*", "a*")]
    [InlineData("search=a\\\\*", "a\\")]
    [InlineData("search=*\\*", "a*")]
    [InlineData("search=A*z", "abcz")]
    public void Search_Escapes_StayWhole(string query, string expected)
    {
        Assert.True(RqlParser.TryParse(query, out var parsed, out _));
        var modules = ((string[])["a\\", "a*", "abcz", "bz"]).Select((name, index) => new Module($"{index}", name, index, []));

        Assert.Empty(CatalogProperties.Modules.Apply(modules.AsQueryable(), parsed, out var found));
        Assert.Equal([expected], found.Select(module => module.Name));
    }

    [Theory]
    [InlineData("like(search,x)")]
    [InlineData("search=null()")]
    [InlineData("search=a**b")]
    public void Search_WhatIsNoText_IsRefused(string query)
    {
        Assert.True(RqlParser.TryParse(query, out var parsed, out _));

        Assert.NotEmpty(CatalogProperties.Modules.Apply(TestCatalog.Default.Modules.AsQueryable(), parsed, out _));
    }

    /// <summary>For every text, "begins with the prefix" equals "lies between the prefix and its end".</summary>
    [Fact]
    public void EndOfPrefix_AnyText_LiesBeforeItExactlyWhenItBeginsSo() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(5, 13), Prop.ForAll(
        Letters().ToArbitrary(), Letters().ToArbitrary(), (prefix, text) =>
        {
            var end = DatabaseText.EndOfPrefix(prefix);
            Assert.Equal(
                text.StartsWith(prefix, StringComparison.Ordinal),
                RqlReference.Compare(text, prefix) >= 0 && (end is null || RqlReference.Compare(text, end) < 0));
        }));

    private static Gen<string> Letters() =>
        Gen.Elements("a", "b", "\uD7FF", "\uE000", "\uFFFF", "\U00010000", "\U0010FFFF", "z").ArrayOf().Select(string.Concat);
}
