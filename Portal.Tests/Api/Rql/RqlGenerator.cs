using FsCheck;
using FsCheck.Fluent;
using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>Generates syntactically valid filters, with properties and values that the caller picks.</summary>
internal static class RqlGenerator
{
    private static readonly string[] Constants = ["null()", "empty()"];

    /// <summary>Texts that are difficult for a parser and a database.</summary>
    public static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Elements(
            "", " ", "a", "A", "ä", "Ä", "ß", "é", "e\u0301", "日本", "🚀", "%", "_", "*", "?", "[", "]", "\\", "'", "\"", "&", ",", ";", "|", "(", ")", "=",
            "+", "-", "null()", "and", "%41", "a%"),
        Gen.Elements("abAB äÄßxé日🚀%_*?[]\\'\"&,;|()=+-.:@/#~<>{}^`!$\t".EnumerateRunes().Select(rune => rune.ToString()).ToArray())
            .ArrayOf().Select(string.Concat));

    public static Gen<RqlNode> Filter(Gen<RqlComparison> comparison) => Gen.Sized(size => Filter(comparison, Math.Min(size, 12)));

    /// <summary>Any syntactically valid comparison.</summary>
    public static readonly Gen<RqlComparison> AnyComparison =
        from name in Gen.Elements("a", "name", "owner.id", "and", "not", "in", "t", "u_p", "x-y")
        from comparison in Comparison(name, AnyText, Enum.GetValues<RqlOperator>(), withConstants: true)
        select comparison;

    public static Gen<RqlComparison> Comparison(string name, Gen<string> texts, IEnumerable<RqlOperator> operators, bool withConstants)
    {
        var text = texts.Select(content => new RqlValue(0, RqlValueKind.Text, content));
        var constant = Gen.Elements(Constants).Select(content => new RqlValue(0, content == "null()" ? RqlValueKind.Null : RqlValueKind.Empty, content));
        var mixed = withConstants ? Gen.Frequency((6, text), (1, constant)) : text;
        return from @operator in Gen.Elements(operators)
               from values in @operator is RqlOperator.In or RqlOperator.Out ? mixed.NonEmptyListOf()
                   : (@operator is RqlOperator.Eq or RqlOperator.Ne ? mixed : text).Select(value => new List<RqlValue> { value })
               select new RqlComparison(0, name, @operator, [.. values]);
    }

    private static Gen<RqlNode> Filter(Gen<RqlComparison> comparison, int size)
    {
        var leaf = comparison.Select(RqlNode (node) => node);
        if (size < 2)
            return leaf;
        var part = Filter(comparison, size / 3);
        return Gen.Frequency(
            (2, leaf),
            (1, part.Select(RqlNode (operand) => new RqlNot(0, operand))),
            (3, from isOr in Gen.Elements(true, false)
                from count in Gen.Choose(2, 4)
                from parts in part.ArrayOf(count)
                select (RqlNode)new RqlLogical(0, isOr, parts)));
    }
}
