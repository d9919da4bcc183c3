using FsCheck;
using FsCheck.Fluent;
using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

public sealed class RqlRoundTripTests
{
    private static readonly Config Thousand = Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(7, 9);

    /// <summary>A text with both kinds of quotes can't be written without changing it.</summary>
    private static bool CanBeWritten(RqlNode node) => node switch
    {
        RqlComparison comparison => comparison.Values.All(value => value.Kind != RqlValueKind.Text || !value.Text.Contains('"') || !value.Text.Contains('\'')),
        RqlNot not => CanBeWritten(not.Operand),
        RqlLogical logical => logical.Operands.All(CanBeWritten),
        _ => false,
    };

    [Fact]
    public void ParsePrintParse_AnyFilter_IsTheSame() => Check.One(Thousand, Prop.ForAll(
        RqlGenerator.Filter(RqlGenerator.AnyComparison).Where(CanBeWritten).ToArbitrary(),
        Gen.Choose(0, 1_000_000).ToArbitrary(),
        (filter, style) =>
        {
            var text = new RqlPrinter(style).Print(filter);
            Assert.True(RqlParser.TryParse(text, out var query, out var error), $"{text}: {error}");
            Assert.Equal(RqlDump.Of(filter), RqlDump.Of(query.Filter!));
            Assert.Equal(RqlDump.Of(filter), RqlDump.Of(Parse(new RqlPrinter(style + 1).Print(query.Filter!))));
        }));

    /// <summary>For any input, the result is a query or an error at a position within the text.</summary>
    [Fact]
    public void TryParse_AnyText_NeverThrows() => Check.One(Thousand, Prop.ForAll(
        Gen.Elements(
            "a", "name", "=", "=", "(", ")", ",", "&", "|", ";", "\"", "'", "eq", "in(", "and(", "not(", "null()",
            "ordering(", "-", "+", "*", "\\", "%", "%2", "%28", "%7C", "%C3", "%A4", "\0", "\uD800", "limit=1", " ", "ä")
            .ArrayOf().Select(string.Concat).ToArbitrary(),
        text =>
        {
            if (!RqlParser.TryParse(text, out var query, out var error))
                Assert.InRange(error.Position, 1, text.Length + 1);
            else if (query.Filter is { } filter)
                Assert.Equal(RqlDump.Of(filter), RqlDump.Of(Parse(new RqlPrinter(text.Length).Print(filter))));
        }));

    private static RqlNode Parse(string text) => RqlParser.TryParse(text, out var query, out var error) ? query.Filter! : throw new InvalidOperationException($"{text}: {error}");
}
