using Portal.Wire;

namespace Portal.Api.Rql;

/// <summary>A parsed query string.</summary>
/// <param name="Filter">The filter; null: none.</param>
/// <param name="Ordering">The properties to order by, most significant first. A minus sign means descending.</param>
/// <param name="Select">The fields to include, or with a minus sign to omit; empty: all.</param>
/// <param name="Limit">0 to <see cref="PageRange.LargestLimit"/>; null: not specified.</param>
/// <param name="Offset">Null: not specified.</param>
/// <param name="Extras">The values of the names that the endpoint itself reads.</param>
public sealed record RqlQuery(
    RqlNode? Filter,
    IReadOnlyList<RqlSignedName> Ordering,
    IReadOnlyList<RqlSignedName> Select,
    int? Limit,
    int? Offset,
    IReadOnlyDictionary<string, RqlValue> Extras)
{
    /// <summary>The requested page.</summary>
    public PageRange Window => new(Offset ?? 0, Limit ?? PageRange.DefaultLimit);
}

/// <summary>An error in a query, and its position.</summary>
/// <param name="Position">The position of the character in the query string as sent, counted from 1 after the question mark.</param>
/// <param name="Message">The message for a reader of the client's log.</param>
public sealed record RqlError(int Position, string Message)
{
    /// <summary>Formats the error for the API: <c>At character 17: …</c>.</summary>
    public override string ToString() => $"At character {Position}: {Message}";
}

/// <summary>A part of a filter.</summary>
/// <param name="Position">The position of its start, see <see cref="RqlError.Position"/>.</param>
public abstract record RqlNode(int Position);

/// <summary>Compares a property with one value, or with one or more for <see cref="RqlOperator.In"/> and <see cref="RqlOperator.Out"/>.</summary>
public sealed record RqlComparison(int Position, string Property, RqlOperator Operator, IReadOnlyList<RqlValue> Values) : RqlNode(Position);

/// <summary>Combines two or more parts with AND or OR.</summary>
public sealed record RqlLogical(int Position, bool IsOr, IReadOnlyList<RqlNode> Operands) : RqlNode(Position);

/// <summary>Negates the operand.</summary>
public sealed record RqlNot(int Position, RqlNode Operand) : RqlNode(Position);

/// <summary>The operators. Queries use the names in lower case.</summary>
public enum RqlOperator
{
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    ILike,
    In,
    Out,
}

public enum RqlValueKind
{
    Text,

    /// <summary><c>null()</c>: the property has no value.</summary>
    Null,

    /// <summary><c>empty()</c>: a text without characters.</summary>
    Empty,
}

/// <param name="Text">Decoded and without quotes. For kinds other than text, as written.</param>
public sealed record RqlValue(int Position, RqlValueKind Kind, string Text);

/// <param name="Negative">Whether a minus sign precedes the name.</param>
public sealed record RqlSignedName(int Position, string Name, bool Negative);
