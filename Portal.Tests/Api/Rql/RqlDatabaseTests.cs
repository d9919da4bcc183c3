using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>The database returns what the language defines.</summary>
public sealed class RqlDatabaseTests
{
    private static readonly RqlOperator[] TextOperators = [RqlOperator.Eq, RqlOperator.Ne, RqlOperator.In, RqlOperator.Out, RqlOperator.Like, RqlOperator.ILike];
    private static readonly RqlOperator[] MomentOperators =
        [RqlOperator.Eq, RqlOperator.Ne, RqlOperator.In, RqlOperator.Out, RqlOperator.Lt, RqlOperator.Le, RqlOperator.Gt, RqlOperator.Ge];

    private static readonly Gen<string> Text = Gen.Elements(RqlTokens.Texts);
    private static readonly Gen<string> Pattern = Gen.OneOf(
        Text,
        Text.Select(text => text + "*"),
        Text.Select(text => "*" + text),
        Text.Select(text => $"*{text}*"),
        Text.Select(text => text.Replace("*", "\\*", StringComparison.Ordinal) + "*"),
        Gen.Elements(
            "*", "a*b", "*a*b*", "\\*", "*\\**", "a\\*b", "\\\\*", "*\\\\", "*[*", "*?*", "*]", "*[a]*", "*ä*", "*Ä",
            "SU-*", "su-1*", "SU-1*-0*", "*-00*", "MD-000*", "md-0018", "EXT-*", "*user*"))
        .Where(pattern => !pattern.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\*", "", StringComparison.Ordinal).Contains("**", StringComparison.Ordinal));

    private static readonly Gen<RqlComparison> Comparison = Gen.OneOf(
        OfText("name", Text, withConstants: true),
        OfText("external_id", Text, withConstants: true),
        OfText("events.created.by.name", Text, withConstants: true),
        OfText("events.created.by.id", Gen.Elements("user-0", "user-1", "USER-1"), withConstants: true),
        OfText("id", Gen.Elements("SU-000-000-000", "su-1", "x"), withConstants: true),
        OfText("extension.id", Gen.Elements("EXT-000", "EXT-001", "EXT-999", "ext-000"), withConstants: true),
        OfText("extension.name", Gen.Elements("custom", "zapier", "Zapier", "old name"), withConstants: false),
        OfText("permissions.id", Gen.Elements("MD-0002", "MD-0003", "MD-9999", "*", "md-0002"), withConstants: true),
        OfText("permissions.object.id", Gen.Elements("MD-0002", "MD-0018", "MD-0007", "*"), withConstants: false),
        OfText("status", Gen.Elements("pending", "active", "inactive", "deleted", "expiring", "expired", "revitalised"), withConstants: false),
        OfMoment("events.created.at", withConstants: false),
        OfMoment("expiration_date", withConstants: true));

    [Fact]
    public async Task Filter_AnyOfThem_FindsTheRowsForWhichItHolds()
    {
        await using var tokens = await RqlTokens.CreateAsync();
        var most = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(600).WithReplay(3, 11), Prop.ForAll(
            RqlGenerator.Filter(Comparison).ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (filter, style) =>
            {
                var expected = tokens.Rows.Where(row => RqlReference.Holds(filter, name => tokens.ValuesOf(row, name))).Select(row => row.Handle);
                var text = new RqlPrinter(style).Print(filter);
                var found = tokens.Ask(text);
                Assert.Equal((text, string.Join(' ', expected.Order(StringComparer.Ordinal))), (text, string.Join(' ', found.Order(StringComparer.Ordinal))));
                most = Math.Max(most, found.Count is var count && count < tokens.Rows.Count ? count : 0);
            }));
        Assert.True(most > 0, "No filter found a part of the rows.");
    }

    [Fact]
    public async Task Filter_EachTextByEachPattern_FindsTheRowsForWhichItHolds()
    {
        await using var tokens = await RqlTokens.CreateAsync();
        foreach (var pattern in RqlTokens.Texts.SelectMany(text => PatternsOf(Escape(text))).Append("日*").Append("🚀*").Distinct())
        {
            foreach (var (@operator, ignoreCase) in new[] { ("like", false), ("ilike", true) })
            {
                var value = pattern.Contains('"') ? $"'{pattern}'" : $"\"{pattern}\"";
                var expected = tokens.Rows.Where(row => RqlReference.IsLike(row.Name, pattern, ignoreCase)).Select(row => row.Handle).Order(StringComparer.Ordinal);
                var text = $"{@operator}(name,{value.Replace("%", "%25", StringComparison.Ordinal)})";
                Assert.Equal((text, string.Join(' ', expected)), (text, string.Join(' ', tokens.Ask(text).Order(StringComparer.Ordinal))));
            }
        }

        static string[] PatternsOf(string text) => [$"*{text}*", $"{text}*", $"*{text}", text];

        static string Escape(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("id")]
    [InlineData("status")]
    [InlineData("extension.id")]
    [InlineData("events.created.at")]
    [InlineData("expiration_date")]
    public async Task Ordering_EachProperty_IsThatOfTheValues(string property)
    {
        await using var tokens = await RqlTokens.CreateAsync();
        var ascending = tokens.Rows
            .OrderBy(row => tokens.ValuesOf(row, property).SingleOrDefault(), Comparer<object?>.Create(RqlReference.Compare))
            .ThenBy(row => row.Id)
            .Select(row => row.Handle)
            .ToList();

        Assert.Equal(ascending, tokens.Ask($"ordering(+{property})"));
        Assert.Equal(Enumerable.Reverse(ascending), tokens.Ask($"ordering(-{property})"));
    }

    [Fact]
    public async Task Ordering_ByTwo_TheFirstCountsMost()
    {
        await using var tokens = await RqlTokens.CreateAsync();
        var expected = tokens.Rows.OrderBy(row => row.ExtensionId, StringComparer.Ordinal).ThenByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Select(row => row.Handle);

        Assert.Equal(expected, tokens.Ask("ordering(extension.id,-events.created.at)"));
        Assert.Equal(tokens.Rows.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Select(row => row.Handle), tokens.Ask(""));
    }

    /// <summary>Client input becomes a parameter, and the beginning of a handle becomes a range.</summary>
    [Fact]
    public async Task Sql_Values_AreParametersAndPrefixesOfTheHandleARange()
    {
        await using var tokens = await RqlTokens.CreateAsync();

        foreach (var query in (string[])["name=evil", "in(name,(evil,evil2))", "like(name,*evil)", "ilike(external_id,evil)", "like(id,evil*)", "extension.name=evil", "search=evil"])
        {
            Assert.True(RqlParser.TryParse(query, out var parsed, out _));
            tokens.Properties.Apply(tokens.Context.Tokens, parsed, out var rows);
            var statement = rows.ToQueryString().Split("SELECT", 2)[1];
            Assert.DoesNotContain("evil", statement, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(query.StartsWith("like(id", StringComparison.Ordinal), statement.Contains("\"Handle\" >= @", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Filter_AtTheBounds_IsAnswered()
    {
        await using var tokens = await RqlTokens.CreateAsync();

        Assert.Empty(tokens.Ask(string.Join('&', Enumerable.Range(0, 200).Select(number => $"name=x{number}"))));
        Assert.Equal(tokens.Rows.Count, tokens.Ask($"({string.Join('|', Enumerable.Range(0, 200).Select(number => $"ne(name,x{number})"))})").Count);
        Assert.Equal(tokens.Rows.Count, tokens.Ask($"out(name,({string.Join(',', Enumerable.Range(0, 1000).Select(number => $"x{number}"))}))").Count);
        Assert.Empty(tokens.Ask($"like(name,{string.Concat(Enumerable.Repeat("a*", 32))}b)"));
        Assert.Equal(tokens.Ask("name=a"), tokens.Ask($"{string.Concat(Enumerable.Repeat("not(", 30))}name=a{new string(')', 30)}"));
    }

    private static Gen<RqlComparison> OfText(string name, Gen<string> texts, bool withConstants) => Gen.OneOf(
        RqlGenerator.Comparison(name, texts, TextOperators.Except([RqlOperator.Like, RqlOperator.ILike]), withConstants),
        RqlGenerator.Comparison(name, Gen.OneOf(Pattern, texts, texts.Select(text => text + "*")).Where(IsPattern), [RqlOperator.Like, RqlOperator.ILike], withConstants: false));

    private static bool IsPattern(string text) => !text.Contains("**", StringComparison.Ordinal);

    private static Gen<RqlComparison> OfMoment(string name, bool withConstants) =>
        RqlGenerator.Comparison(
            name, Gen.Elements(RqlTokens.Moments).Select(moment => moment.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)), MomentOperators, withConstants)
            .Select(comparison => comparison with { Values = [.. comparison.Values.Select(EmptyToNull)] });

    /// <summary>A time can't be empty.</summary>
    private static RqlValue EmptyToNull(RqlValue value) => value.Kind == RqlValueKind.Empty ? value with { Kind = RqlValueKind.Null, Text = "null()" } : value;
}
