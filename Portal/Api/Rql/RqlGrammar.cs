using System.Buffers;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using static Superpower.Parse;
using Lexemes = Superpower.Model.TokenList<Portal.Api.Rql.Lexeme>;

namespace Portal.Api.Rql;

/// <summary><c>ordering(...)</c> or <c>select(...)</c> at a position in the query.</summary>
internal sealed record RqlDirective(int Position, bool IsSelect, IReadOnlyList<RqlSignedName> Names) : RqlNode(Position);

/// <summary><c>property=t(...)</c>: a filter on parts of the property.</summary>
internal sealed record RqlTuple(int Position, string Property, RqlNode Within) : RqlNode(Position);

/// <summary>The grammar of queries. It never backtracks, so parsing takes linear time.</summary>
/// <remarks>
/// <code>
/// query      = [ clauses { "," clauses } ]
/// clauses    = clause { "&amp;" clause }
/// clause     = term [ "=" ]                               an equal sign only after a term that contains none, see Clause
/// chain      = term { "&amp;" term }
/// term       = brackets | function | tuple | comparison
/// comparison = property "=" operand | property "=" ( "eq" | "ne" ) "=" operand | property "=" operator "=" value
///            | property "=" ( "in" | "out" ) "=" list
/// brackets   = "(" chain ( { "," chain } | { "|" chain } | { ";" chain } ) ")"
/// function   = ( "and" | "or" ) "(" chain "," chain { "," chain } ")" | "not" "(" chain ")"
///            | ( "eq" | "ne" ) "(" property "," operand ")" | operator "(" property "," value ")"
///            | "range" "(" property "," value "," value ")" | ( "in" | "out" ) "(" property "," list ")"
///            | ( "ordering" | "select" ) "(" [ name { "," name } ] ")"
/// list       = "(" operand { "," operand } ")"
/// operand    = value | tuple
/// tuple      = "t" "(" part { "," part } ")"             with comparisons as parts, as equal signs or functions write them
/// </code>
/// </remarks>
internal static class RqlGrammar
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    /// <summary>The operators that compare with one value and never with a tuple. JavaScript clients write <c>lte</c> and <c>gte</c>.</summary>
    private static readonly string[] Others = ["lt", "le", "lte", "gt", "ge", "gte", "like", "ilike"];

    private static readonly TokenListParser<Lexeme, Token<Lexeme>>
        Comma = Sign(","), Ampersand = Sign("&"), Pipe = Sign("|"), Semicolon = Sign(";"), Open = Sign("("), Close = Sign(")"), EqualSign = Sign("=");

    private static readonly TokenListParser<Lexeme, string> Property =
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Word && IsName(lexeme.Text), "a property").Select(token => token.Kind.Text);

    private static readonly TokenListParser<Lexeme, RqlValue> Value =
        Token.Matching<Lexeme>(lexeme => lexeme.Kind is LexemeKind.Word or LexemeKind.Quoted or LexemeKind.Constant, "a value").Select(ValueOf);

    private static readonly TokenListParser<Lexeme, RqlNode> Tuple =
        from name in Token.Matching<Lexeme>(lexeme => lexeme is { Kind: LexemeKind.Function, Text: "t" }, "t(...)")
        from parts in Ref(() => Part!).AtLeastOnceDelimitedBy(Comma).Between(Open, Close)
        select All(parts);

    private static readonly TokenListParser<Lexeme, Operand> Operands =
        Value.Select(value => new Operand(value, null)).Or(Tuple.Select(tuple => new Operand(null, tuple)));

    private static readonly TokenListParser<Lexeme, Operand[]>
        OneValue = Value.Select(Operand[] (value) => [new Operand(value, null)]),
        One = Operands.Select(Operand[] (operand) => [operand]),
        Several = Operands.AtLeastOnceDelimitedBy(Comma).Between(Open, Close);

    private static readonly TokenListParser<Lexeme, RqlSignedName> SignedName =
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Word && IsName(Unsigned(lexeme.Text)), "a property with or without a sign")
            .Select(token => new RqlSignedName(PlaceOf(token), Unsigned(token.Kind.Text), token.Kind.Text[0] == '-'));

    private static readonly TokenListParser<Lexeme, RqlNode> Chain = Ref(() => Term!).AtLeastOnceDelimitedBy(Ampersand).Select(All);

    private static readonly TokenListParser<Lexeme, RqlNode> Brackets =
        from open in Open
        from first in Chain
        from more in Comma.IgnoreThen(Chain).AtLeastOnce().Select(rest => All([first, .. rest]))
            .Or(Pipe.IgnoreThen(Chain).AtLeastOnce().Select(RqlNode (rest) => Any(PlaceOf(open), [first, .. rest])))
            .Or(Semicolon.IgnoreThen(Chain).AtLeastOnce().Select(RqlNode (rest) => Any(PlaceOf(open), [first, .. rest])))
            .OptionalOrDefault(first)
        from close in Close
        select more;

    private static readonly TokenListParser<Lexeme, RqlNode> Logical =
        from name in Word(LexemeKind.Function, "and", "or")
        from open in Open
        from first in Chain
        from rest in Comma.IgnoreThen(Chain).AtLeastOnce()
        from close in Close
        select name.Kind.Text == "or" ? Any(PlaceOf(name), [first, .. rest]) : All([first, .. rest]);

    private static readonly TokenListParser<Lexeme, RqlNode> Not =
        from name in Word(LexemeKind.Function, "not")
        from operand in Ref(() => Chain).Between(Open, Close)
        select (RqlNode)new RqlNot(PlaceOf(name), operand);

    private static readonly TokenListParser<Lexeme, RqlNode>
        Equality = Function(One, "eq", "ne"), Comparison = Function(OneValue, Others), Listing = Function(Several, "in", "out");

    /// <summary>JavaScript clients use it to set both bounds.</summary>
    private static readonly TokenListParser<Lexeme, RqlNode> Span =
        from name in Word(LexemeKind.Function, "range")
        from open in Open
        from property in Property
        from least in Comma.IgnoreThen(OneValue)
        from most in Comma.IgnoreThen(OneValue)
        from close in Close
        select All([Compared(PlaceOf(name), property, RqlOperator.Ge, least), Compared(PlaceOf(name), property, RqlOperator.Le, most)]);

    private static readonly TokenListParser<Lexeme, RqlNode> Directive =
        from name in Word(LexemeKind.Function, "ordering", "select")
        from open in Open
        from names in SignedName.AtLeastOnceDelimitedBy(Comma).Then(names => Close.Value(names)).Or(Close.Value<Lexeme, Token<Lexeme>, RqlSignedName[]>([]))
        select (RqlNode)new RqlDirective(PlaceOf(name), name.Kind.Text == "select", names);

    private static readonly TokenListParser<Lexeme, (RqlOperator Operator, Operand[] Operands)> RightSide =
        Infix(One, "eq", "ne").Or(Infix(OneValue, Others)).Or(Infix(Several, "in", "out")).Or(One.Select(operands => (RqlOperator.Eq, operands)));

    private static readonly TokenListParser<Lexeme, RqlNode> Field =
        from property in Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Word && IsName(lexeme.Text), "a property")
        from equal in EqualSign
        from right in RightSide
        select Compared(PlaceOf(property), property.Kind.Text, right.Operator, right.Operands);

    private static readonly TokenListParser<Lexeme, RqlNode> Part = Field.Or(Equality).Or(Comparison);

    private static readonly TokenListParser<Lexeme, RqlNode> Call =
        Equality.Or(Comparison).Or(Listing).Or(Span).Or(Brackets).Or(Logical).Or(Not).Or(Directive).Or(Tuple);

    private static readonly TokenListParser<Lexeme, RqlNode> Term = Field.Or(Call);

    /// <summary>Accepts <c>eq(a,b)=&amp;ordering(a)=</c>, as proxies and libraries write it that parse a query as names and values.</summary>
    private static readonly TokenListParser<Lexeme, RqlNode> Clause =
        Field.Or(Call.Then(node => EqualSign.Value(node).Or(Return<Lexeme, RqlNode>(node))));

    private static readonly TokenListParser<Lexeme, RqlNode> Query =
        Clause.AtLeastOnceDelimitedBy(Ampersand).Select(All).AtLeastOnceDelimitedBy(Comma).Select(All).AtEnd();

    /// <summary>Reads at least one lexeme.</summary>
    public static TokenListParserResult<Lexeme, RqlNode> Read(Lexemes lexemes) => Query.TryParse(lexemes);

    /// <summary>Reads a property with an optional sign; null: the text isn't a property.</summary>
    public static RqlSignedName? ReadName(string text, int position) =>
        text.Length > 0 && IsName(Unsigned(text)) ? new RqlSignedName(position, Unsigned(text), text[0] == '-') : null;

    private static TokenListParser<Lexeme, Token<Lexeme>> Sign(string sign) =>
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Sign && lexeme.Text == sign, sign);

    private static TokenListParser<Lexeme, Token<Lexeme>> Word(LexemeKind kind, params string[] words) =>
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == kind && words.Contains(lexeme.Text), kind == LexemeKind.Function ? "a function" : "an operator");

    private static RqlNode All(RqlNode[] parts) => parts is [var only] ? only : new RqlLogical(parts[0].Position, IsOr: false, parts);

    private static RqlLogical Any(int position, RqlNode[] parts) => new RqlLogical(position, IsOr: true, parts);

    private static TokenListParser<Lexeme, RqlNode> Function(TokenListParser<Lexeme, Operand[]> operands, params string[] words) =>
        from name in Word(LexemeKind.Function, words)
        from open in Open
        from property in Property
        from comma in Comma
        from given in operands
        from close in Close
        select Compared(PlaceOf(name), property, OperatorOf(name), given);

    private static TokenListParser<Lexeme, (RqlOperator Operator, Operand[] Operands)> Infix(
        TokenListParser<Lexeme, Operand[]> operands, params string[] words) =>
        from name in Word(LexemeKind.Infix, words)
        from equal in EqualSign
        from given in operands
        select (OperatorOf(name), given);

    private static RqlOperator OperatorOf(Token<Lexeme> name) => name.Kind.Text switch
    {
        "lte" => RqlOperator.Le,
        "gte" => RqlOperator.Ge,
        var text => Enum.Parse<RqlOperator>(text, ignoreCase: true),
    };

    /// <summary>A property equals a tuple if the whole tuple is true for its parts. The same applies to each tuple of a list.</summary>
    private static RqlNode Compared(int position, string property, RqlOperator @operator, Operand[] operands)
    {
        RqlValue[] values = [.. operands.Select(operand => operand.Value).OfType<RqlValue>()];
        if (values.Length == operands.Length)
            return new RqlComparison(position, property, @operator, values);
        List<RqlNode> parts =
            [.. operands.Select(operand => operand.Tuple).OfType<RqlNode>().Select(tuple => new RqlTuple(position, property, tuple))];
        if (values.Length > 0)
            parts.Add(new RqlComparison(position, property, RqlOperator.In, values));
        var any = parts is [var only] ? only : Any(position, [.. parts]);
        return @operator is RqlOperator.Ne or RqlOperator.Out ? new RqlNot(position, any) : any;
    }

    private static RqlValue ValueOf(Token<Lexeme> token) => new(
        PlaceOf(token),
        token.Kind.Kind != LexemeKind.Constant ? RqlValueKind.Text : token.Kind.Text == "null()" ? RqlValueKind.Null : RqlValueKind.Empty,
        token.Kind.Text);

    private static string Unsigned(string text) => text is ['+' or '-', .. var name] ? name : text;

    private static bool IsName(string text) => text is [var first, ..] && char.IsAsciiLetter(first) && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    private static int PlaceOf(Token<Lexeme> token) => token.Position.Absolute + 1;

    /// <summary>The operand of a comparison: either a value or a tuple.</summary>
    private sealed record Operand(RqlValue? Value, RqlNode? Tuple);
}
