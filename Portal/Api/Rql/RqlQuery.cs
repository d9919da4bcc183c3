using Portal.Wire;

namespace Portal.Api.Rql;

/// <summary>A parsed query string.</summary>
/// <param name="Filter">Null: everything.</param>
/// <param name="Ordering">The first name counts most; a sign of minus means descending.</param>
/// <param name="Select">Fields that the answer shall hold, or with a minus leave out; empty: all.</param>
/// <param name="Limit">0 to <see cref="PageRange.LargestLimit"/>; null: not asked for.</param>
/// <param name="Offset">Null: not asked for.</param>
/// <param name="Extras">The values of the names that the endpoint takes for itself.</param>
public sealed record RqlQuery(
    RqlNode? Filter,
    IReadOnlyList<RqlSignedName> Ordering,
    IReadOnlyList<RqlSignedName> Select,
    int? Limit,
    int? Offset,
    IReadOnlyDictionary<string, RqlValue> Extras)
{
    /// <summary>Which part of the list is wanted.</summary>
    public PageRange Window => new(Offset ?? 0, Limit ?? PageRange.DefaultLimit);
}

/// <summary>An error in a query, and its position.</summary>
/// <param name="Position">The character, counted from 1 after the question mark, in the query string as the client sent it.</param>
/// <param name="Message">Sentences for the person who reads the client's log.</param>
public sealed record RqlError(int Position, string Message)
{
    /// <summary>As the API says it: <c>At character 17: …</c>.</summary>
    public override string ToString() => $"At character {Position}: {Message}";
}

/// <summary>Part of a filter.</summary>
/// <param name="Position">Where it begins, as in <see cref="RqlError.Position"/>.</param>
public abstract record RqlNode(int Position);

/// <summary>A property compared with one value, or for <see cref="RqlOperator.In"/> and <see cref="RqlOperator.Out"/> with at least one.</summary>
public sealed record RqlComparison(int Position, string Property, RqlOperator Operator, IReadOnlyList<RqlValue> Values) : RqlNode(Position);

/// <summary>All of two or more parts, or any of them.</summary>
public sealed record RqlLogical(int Position, bool IsOr, IReadOnlyList<RqlNode> Operands) : RqlNode(Position);

/// <summary>All that the operand leaves out.</summary>
public sealed record RqlNot(int Position, RqlNode Operand) : RqlNode(Position);

/// <summary>The names in lower case are the language's.</summary>
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

/// <param name="Text">Decoded and without quotes; with the kinds that are not text, as it is written.</param>
public sealed record RqlValue(int Position, RqlValueKind Kind, string Text);

/// <param name="Negative">It has a minus in front.</param>
public sealed record RqlSignedName(int Position, string Name, bool Negative);
