using System.Linq.Expressions;

namespace Portal.Api.Rql;

/// <summary>The properties by which clients can filter and order a list, and how each is computed.</summary>
/// <param name="tieBreaker">Orders rows that are otherwise equal, so that pages are stable; null: keeps their original order.</param>
/// <param name="firstOrder">The default property to order by; null: none.</param>
public sealed class RqlProperties<T>(Expression<Func<T, long>>? tieBreaker = null, string? firstOrder = null)
{
    /// <summary>The property that searches every property marked for it, if the list has any.</summary>
    private const string SearchName = "search";

    private readonly Dictionary<string, RqlProperty<T>> _properties = [];
    private readonly List<RqlProperty<T>> _searched = [];

    /// <param name="allowed">The allowed values, for the OpenAPI document; null if every value is allowed.</param>
    /// <param name="searched">Whether <c>search</c> includes it.</param>
    /// <param name="equal">A cheaper test for one of the allowed values than to compute the property; null: none.</param>
    public RqlProperties<T> Text(
        string name, RqlLookups lookups, Expression<Func<T, string?>> value, RqlStored<T>? stored = null,
        bool ordered = false, bool searched = false, IReadOnlyList<string>? allowed = null, Func<string, Expression<Func<T, bool>>>? equal = null) =>
        Add(new RqlTextColumn<T>(name, lookups, value, stored ?? new RqlStored<T>(), ordered, allowed) { Equal = equal }, searched);

    /// <summary>The texts that <c>search</c> includes although the list can't be filtered by them.</summary>
    public RqlProperties<T> Searched(string name, Expression<Func<T, string?>> value, RqlStored<T> stored)
    {
        _searched.Add(new RqlTextColumn<T>(name, RqlLookups.Text, value, stored, ordered: false, allowed: null));
        return this;
    }

    /// <param name="exists">Whether a row has a text that passes the test.</param>
    public RqlProperties<T> Texts(string name, RqlLookups lookups, Func<Func<string, bool>, Expression<Func<T, bool>>> exists) =>
        Add(new RqlTextList<T>(name, lookups, exists), searched: false);

    /// <param name="value">The time, UTC.</param>
    public RqlProperties<T> Moment(string name, RqlLookups lookups, Expression<Func<T, DateTime?>> value, bool ordered = false) =>
        Add(new RqlColumn<T, DateTime>(name, lookups, value, RqlValues.Moment, RqlValues.MomentForm, ordered), searched: false);

    public RqlProperties<T> Number(string name, RqlLookups lookups, Expression<Func<T, long?>> value, bool ordered = false) =>
        Add(new RqlColumn<T, long>(name, lookups, value, RqlValues.Number, RqlValues.NumberForm, ordered), searched: false);

    public RqlProperties<T> Flag(string name, RqlLookups lookups, Expression<Func<T, bool?>> value, bool ordered = false) =>
        Add(new RqlColumn<T, bool>(name, lookups, value, RqlValues.Flag, RqlValues.FlagForm, ordered), searched: false);

    /// <summary>The descriptions for the OpenAPI document.</summary>
    public IReadOnlyList<RqlPropertyInfo> Facts =>
    [
        .. _properties.Values.Select(property => new RqlPropertyInfo(
            property.Name, RqlComparable.NamesOf(property.Lookups), property.ValueType, property.Allowed, property.Order is not null, _searched.Contains(property))),
    ];

    /// <summary>Filters and orders rows. Paging (<see cref="RqlQuery.Window"/>) is left to the caller, who needs the total first.</summary>
    /// <param name="asked">The result; meaningful only without errors.</param>
    /// <returns>The errors in the query; empty: valid.</returns>
    public IReadOnlyList<RqlError> Apply(IQueryable<T> rows, RqlQuery query, out IQueryable<T> asked)
    {
        var errors = Read(query, out var selection);
        asked = selection.OrderFilter is { } along ? rows.Where(along) : rows;
        asked = selection.Filter is { } filter ? asked.Where(filter) : asked;
        asked = selection.Order(asked, false);
        return errors;
    }

    /// <summary>Converts the query to its parts, for a list with a faster way to find rows.</summary>
    public IReadOnlyList<RqlError> Read(RqlQuery query, out RqlSelection<T> selection)
    {
        List<RqlError> errors = [];
        var row = Expression.Parameter(typeof(T), "row");
        var parts = PartsOf(query.Filter).ToLookup(part => part is RqlComparison comparison && IsAlong(comparison, query));
        var (along, filter) = (All(true), All(false));
        List<(Func<IQueryable<T>, bool, IOrderedQueryable<T>> By, bool Descending)> orders = [];
        foreach (var name in query.Ordering)
        {
            if (_properties.GetValueOrDefault(name.Name)?.Order is { } order)
                orders.Add((order, name.Negative));
            else
                errors.Add(new RqlError(name.Position, $"The list can't be ordered by {RqlParser.Quote(name.Name)}. {OrderedNames()}"));
        }

        if (query.Ordering.Count == 0 && firstOrder is not null)
            orders.Add((_properties[firstOrder].Order!, false));
        if (tieBreaker is not null)
            orders.Add(((rows, descending) => RqlOrder.By(rows, tieBreaker, descending), query.Ordering is [.., { Negative: true }]));
        selection = new RqlSelection<T>(
            along, filter, (rows, backwards) => orders.Aggregate(rows, (ordered, order) => order.By(ordered, order.Descending != backwards)));
        return [.. errors.OrderBy(error => error.Position)];

        Expression<Func<T, bool>>? All(bool isAlong) => parts[isAlong].Select(part => Translate(part, row, errors)).ToArray() is { Length: > 0 } tests
            ? Expression.Lambda<Func<T, bool>>(RqlExpressions.Join(tests, any: false), row)
            : null;
    }

    /// <summary>Whether the path is a property or contains one, as <c>events</c> contains <c>events.created.at</c>.</summary>
    public bool Knows(string path) =>
        _properties.ContainsKey(path) || _properties.Keys.Any(name => name.StartsWith($"{path}.", StringComparison.Ordinal));

    /// <summary>The conditions that are combined with AND.</summary>
    private static IEnumerable<RqlNode> PartsOf(RqlNode? filter) => filter switch
    {
        null => [],
        RqlLogical { IsOr: false } all => all.Operands.SelectMany(PartsOf),
        _ => [filter],
    };

    /// <summary>Whether the matching rows are contiguous in the order, or form a few groups.</summary>
    private bool IsAlong(RqlComparison comparison, RqlQuery query) =>
        comparison.Property == (query.Ordering is [{ Name: var first }, ..] ? first : firstOrder)
        && comparison.Operator is not (RqlOperator.Ne or RqlOperator.Out or RqlOperator.ILike);

    private RqlProperties<T> Add(RqlProperty<T> property, bool searched)
    {
        _properties.Add(property.Name, property);
        if (searched)
            _searched.Add(property);
        return this;
    }

    private Expression Translate(RqlNode node, ParameterExpression row, List<RqlError> errors) => node switch
    {
        RqlLogical logical => RqlExpressions.Join([.. logical.Operands.Select(part => Translate(part, row, errors))], logical.IsOr),
        RqlNot not => Expression.Not(Translate(not.Operand, row, errors)),
        RqlComparison { Property: SearchName } search when _searched.Count > 0 => Search(search, row, errors),
        RqlComparison comparison => Compare(comparison, row, errors),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.GetType().Name, "Unknown part of a query."),
    };

    private Expression Compare(RqlComparison comparison, ParameterExpression row, List<RqlError> errors)
    {
        var error = _properties.TryGetValue(comparison.Property, out var property)
            ? RqlComparable.Check(property, comparison)
            : new RqlError(comparison.Position, $"There is no property {RqlParser.Quote(comparison.Property)} to filter by. Use one of {Join(_properties.Values)}.");
        var test = RqlExpressions.Never;
        var (@operator, negated) = comparison.Operator switch
        {
            RqlOperator.In => (RqlOperator.Eq, false),
            RqlOperator.Ne or RqlOperator.Out => (RqlOperator.Eq, true),
            var plain => (plain, false),
        };
        error ??= property!.Test(@operator, comparison.Values, row, out test);
        if (error is not null)
            errors.Add(error);
        return negated ? Expression.Not(test) : test;
    }

    /// <summary>Finds a text anywhere in one of the properties, ignoring case. Asterisks in it match any characters.</summary>
    private Expression Search(RqlComparison search, ParameterExpression row, List<RqlError> errors)
    {
        if (search is not { Operator: RqlOperator.Eq, Values: [{ Kind: RqlValueKind.Text } wanted] })
        {
            errors.Add(new RqlError(search.Position, "search can only be set to a value: search=...."));
            return RqlExpressions.Never;
        }

        if (wanted.Text.Length == 0)
            return RqlExpressions.Always;
        var pattern = $"{(wanted.Text.StartsWith('*') ? "" : "*")}{wanted.Text}{EndOf(wanted.Text)}";
        List<Expression> parts = [];
        foreach (var property in _searched)
        {
            if (property.Test(RqlOperator.ILike, [wanted with { Text = pattern }], row, out var part) is { } error)
            {
                errors.Add(error);
                return RqlExpressions.Never;
            }

            parts.Add(part);
        }

        var any = RqlExpressions.Join(parts, any: true);
        return _searched[0].UpperSearchText is { } within && _searched.All(property => property.UpperSearchText == within)
            ? RqlTextTest.Narrow(pattern, RqlProperty<T>.In(within, row), any) // once for all, and not for each
            : any;
    }

    /// <summary>The suffix that makes the pattern end with an unescaped asterisk.</summary>
    private static string EndOf(string text)
    {
        var body = text.EndsWith('*') ? text[..^1] : text;
        var isEscape = (body.Length - body.TrimEnd('\\').Length) % 2 == 1;
        return text.EndsWith('*') ? isEscape ? "*" : "" : isEscape ? "\\*" : "*";
    }

    private string OrderedNames() => _properties.Values.Where(property => property.Order is not null).ToList() switch
    {
        [] => "It has a fixed order.",
        var ordered => $"Order by one of {Join(ordered)}.",
    };

    private static string Join(IEnumerable<RqlProperty<T>> properties) =>
        string.Join(", ", properties.Select(property => property.Name).Order(StringComparer.Ordinal));
}
