using System.Globalization;
using Portal.Wire;

namespace Portal.Api.Rql;

/// <summary>Separates the filter in a tree from <c>limit</c>, <c>offset</c>, <c>ordering</c>, <c>select</c> and the endpoint's
/// own names, and counts the comparisons.</summary>
internal sealed class RqlQueryReader(IReadOnlyCollection<string> own)
{
    private const string LimitName = "limit", OffsetName = "offset", OrderingName = "ordering", SelectName = "select";

    private readonly Dictionary<string, RqlValue> _extras = [];
    private readonly Dictionary<string, int> _numbers = [];
    private IReadOnlyList<RqlSignedName>? _ordering;
    private IReadOnlyList<RqlSignedName>? _select;
    private string _within = "";
    private int _comparisons;
    private int _values;
    private RqlError? _error;

    /// <returns>The error; null: valid.</returns>
    public static RqlError? Assemble(RqlNode? tree, IReadOnlyCollection<string> own, out RqlQuery? query)
    {
        var assembly = new RqlQueryReader(own);
        var filter = tree is null ? null : assembly.ExtractFilter(tree, always: true);
        query = assembly._error is null
            ? new RqlQuery(
                filter, assembly._ordering ?? [], assembly._select ?? [],
                assembly._numbers.TryGetValue(LimitName, out var limit) ? limit : null,
                assembly._numbers.TryGetValue(OffsetName, out var offset) ? offset : null,
                assembly._extras)
            : null;
        return assembly._error;
    }

    /// <param name="always">Whether the part applies to every row. Only there are names such as limit special.</param>
    /// <returns>The remaining filter; null: none.</returns>
    private RqlNode? ExtractFilter(RqlNode node, bool always) => node switch
    {
        _ when _error is not null => null,
        RqlDirective directive => SiftDirective(directive, always),
        RqlComparison comparison => SiftComparison(comparison, always),
        RqlTuple tuple => SiftTuple(tuple, always),
        RqlNot not => ExtractFilter(not.Operand, always: false) is { } operand ? not with { Operand = operand } : null,
        RqlLogical logical => SiftLogical(logical, always && !logical.IsOr),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.GetType().Name, "Unknown part of a query."),
    };

    private RqlNode? SiftLogical(RqlLogical logical, bool always) =>
        logical.Operands.Select(part => ExtractFilter(part, always)).OfType<RqlNode>().ToArray() switch
        {
            [] => null,
            [var only] => only,
            var parts => logical with { Operands = parts },
        };

    /// <summary>Names within a tuple are parts of its property: names such as <c>limit</c> aren't special there.</summary>
    private RqlNode? SiftTuple(RqlTuple tuple, bool always)
    {
        var around = _within;
        _within = $"{around}{tuple.Property}.";
        var within = ExtractFilter(tuple.Within, always);
        _within = around;
        return within;
    }

    private RqlNode? SiftDirective(RqlDirective directive, bool always)
    {
        var name = directive.IsSelect ? SelectName : OrderingName;
        if (!always)
            return Fail(directive.Position, $"{name}(...) can't be used inside or() or not(). Put it next to the filter, after &.");
        if ((directive.IsSelect ? _select : _ordering) is not null)
            return Fail(directive.Position, $"The query can hold only one {name}(...). Put all properties into it.");
        if (directive.Names.Count > RqlParser.MostNames)
            return Fail(directive.Names[RqlParser.MostNames].Position, $"{name}(...) can name {RqlParser.MostNames} properties at most.");
        if (directive.IsSelect)
            _select = directive.Names;
        else
            _ordering = directive.Names;
        return null;
    }

    /// <summary>Reads <c>ordering=-name%2Cid</c>, which clients send because OpenAPI can describe it only as a parameter.</summary>
    /// <returns>Null: it is an ordinary comparison.</returns>
    private static RqlDirective? ReadDirective(RqlComparison comparison)
    {
        if (comparison is not { Property: OrderingName or SelectName, Operator: RqlOperator.Eq, Values: [{ Kind: RqlValueKind.Text } value] })
            return null;
        var pieces = value.Text.Split(',');
        RqlSignedName[] names = [.. pieces.Select(name => RqlGrammar.ReadName(name, value.Position)).OfType<RqlSignedName>()];
        return names.Length == pieces.Length ? new RqlDirective(comparison.Position, comparison.Property == SelectName, names) : null;
    }

    private RqlNode? SiftComparison(RqlComparison comparison, bool always)
    {
        var name = _within + comparison.Property;
        if (name is LimitName or OffsetName || own.Contains(name))
            return TakeOwn(comparison, always);
        if (ReadDirective(comparison) is { } directive)
            return SiftDirective(directive, always);
        _values += comparison.Values.Count;
        if (++_comparisons > RqlParser.MostComparisons)
            return Fail(comparison.Position, $"The query has more than {RqlParser.MostComparisons} comparisons. Simplify the query.");
        return _values > RqlParser.MostValues
            ? Fail(comparison.Position, $"The query has more than {RqlParser.MostValues} values. Simplify the query.")
            : comparison with { Property = name };
    }

    private RqlNode? TakeOwn(RqlComparison comparison, bool always)
    {
        var (name, value) = (comparison.Property, comparison.Values[0]);
        if (!always)
            return Fail(comparison.Position, $"{name} can't be used inside or() or not(). Put it next to the filter, after &.");
        if (comparison.Operator != RqlOperator.Eq || value.Kind != RqlValueKind.Text)
            return Fail(comparison.Position, $"{name} can only be set to a value: {name}=....");
        if (name is not (LimitName or OffsetName))
            return _extras.TryAdd(name, value) ? null : Fail(comparison.Position, $"{name} is given twice.");
        var largest = name == LimitName ? PageRange.LargestLimit : int.MaxValue;
        if (!int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > largest)
            return Fail(value.Position, name == LimitName ? $"limit must be a whole number from 0 to {largest}." : "offset must be a whole number, 0 or more.");
        return _numbers.TryAdd(name, number) ? null : Fail(comparison.Position, $"{name} is given twice.");
    }

    private RqlNode? Fail(int position, string message)
    {
        _error ??= new RqlError(position, message);
        return null;
    }
}
