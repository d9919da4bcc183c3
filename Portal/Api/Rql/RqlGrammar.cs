using System.Buffers;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using static Superpower.Parse;
using Lexemes = Superpower.Model.TokenList<Portal.Api.Rql.Lexeme>;

namespace Portal.Api.Rql;

/// <summary><c>ordering(...)</c> or <c>select(...)</c> where it stands in the query.</summary>
internal sealed record RqlDirective(int Position, bool IsSelect, IReadOnlyList<RqlSignedName> Names) : RqlNode(Position);

/// <summary>How lexemes make a query. No rule ever goes back, so that the time is linear.</summary>
/// <remarks>
/// <code>
/// query      = [ chain { "," chain } ]
/// chain      = term { "&amp;" term }
/// term       = brackets | function | property "=" value | property "=" operator "=" value | property "=" ( "in" | "out" ) "=" list
/// brackets   = "(" chain ( { "," chain } | { "|" chain } | { ";" chain } ) ")"
/// function   = ( "and" | "or" ) "(" chain "," chain { "," chain } ")" | "not" "(" chain ")"
///            | operator "(" property "," value ")" | ( "in" | "out" ) "(" property "," list ")"
///            | ( "ordering" | "select" ) "(" [ name { "," name } ] ")"
/// list       = "(" value { "," value } ")"
/// </code>
/// </remarks>
internal static class RqlGrammar
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    private static readonly TokenListParser<Lexeme, Token<Lexeme>>
        Comma = Sign(","), Ampersand = Sign("&"), Pipe = Sign("|"), Semicolon = Sign(";"), Open = Sign("("), Close = Sign(")"), EqualSign = Sign("=");

    private static readonly TokenListParser<Lexeme, string> Property =
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Word && IsName(lexeme.Text), "a property").Select(token => token.Kind.Text);

    private static readonly TokenListParser<Lexeme, RqlValue> Value =
        Token.Matching<Lexeme>(lexeme => lexeme.Kind is LexemeKind.Word or LexemeKind.Quoted or LexemeKind.Constant, "a value").Select(ValueOf);

    private static readonly TokenListParser<Lexeme, IReadOnlyList<RqlValue>> Values =
        Value.AtLeastOnceDelimitedBy(Comma).Between(Open, Close).Select(IReadOnlyList<RqlValue> (values) => values);

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

    private static readonly TokenListParser<Lexeme, RqlNode> Comparison =
        from name in Word(LexemeKind.Function, "eq", "ne", "lt", "le", "gt", "ge", "like", "ilike")
        from open in Open
        from property in Property
        from comma in Comma
        from value in Value
        from close in Close
        select (RqlNode)Compared(name, property, name, [value]);

    private static readonly TokenListParser<Lexeme, RqlNode> Listing =
        from name in Word(LexemeKind.Function, "in", "out")
        from open in Open
        from property in Property
        from comma in Comma
        from values in Values
        from close in Close
        select (RqlNode)Compared(name, property, name, values);

    private static readonly TokenListParser<Lexeme, RqlNode> Directive =
        from name in Word(LexemeKind.Function, "ordering", "select")
        from open in Open
        from names in SignedName.AtLeastOnceDelimitedBy(Comma).Then(names => Close.Value(names)).Or(Close.Value<Lexeme, Token<Lexeme>, RqlSignedName[]>([]))
        select (RqlNode)new RqlDirective(PlaceOf(name), name.Kind.Text == "select", names);

    private static readonly TokenListParser<Lexeme, (Token<Lexeme> Operator, IReadOnlyList<RqlValue> Values)> RightSide =
        (from infix in Word(LexemeKind.Infix, "eq", "ne", "lt", "le", "gt", "ge", "like", "ilike")
         from equal in EqualSign
         from value in Value
         select (infix, (IReadOnlyList<RqlValue>)[value]))
        .Or(from infix in Word(LexemeKind.Infix, "in", "out")
            from equal in EqualSign
            from values in Values
            select (infix, values))
        .Or(Value.Select(value => (Token<Lexeme>.Empty, (IReadOnlyList<RqlValue>)[value])));

    private static readonly TokenListParser<Lexeme, RqlNode> Field =
        from property in Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Word && IsName(lexeme.Text), "a property")
        from equal in EqualSign
        from right in RightSide
        select (RqlNode)Compared(property, property.Kind.Text, right.Operator, right.Values);

    private static readonly TokenListParser<Lexeme, RqlNode> Term =
        Field.Or(Comparison).Or(Listing).Or(Brackets).Or(Logical).Or(Not).Or(Directive);

    private static readonly TokenListParser<Lexeme, RqlNode> Query = Chain.AtLeastOnceDelimitedBy(Comma).Select(All).AtEnd();

    /// <summary>Reads at least one lexeme.</summary>
    public static TokenListParserResult<Lexeme, RqlNode> Read(Lexemes lexemes) => Query.TryParse(lexemes);

    /// <summary>A property with or without a sign; null: it is none.</summary>
    public static RqlSignedName? ReadName(string text, int position) =>
        text.Length > 0 && IsName(Unsigned(text)) ? new RqlSignedName(position, Unsigned(text), text[0] == '-') : null;

    private static TokenListParser<Lexeme, Token<Lexeme>> Sign(string sign) =>
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == LexemeKind.Sign && lexeme.Text == sign, sign);

    private static TokenListParser<Lexeme, Token<Lexeme>> Word(LexemeKind kind, params string[] words) =>
        Token.Matching<Lexeme>(lexeme => lexeme.Kind == kind && words.Contains(lexeme.Text), kind == LexemeKind.Function ? "a function" : "an operator");

    private static RqlNode All(RqlNode[] parts) => parts is [var only] ? only : new RqlLogical(parts[0].Position, IsOr: false, parts);

    private static RqlLogical Any(int position, RqlNode[] parts) => new RqlLogical(position, IsOr: true, parts);

    /// <param name="operator">Empty: a plain equal sign.</param>
    private static RqlComparison Compared(Token<Lexeme> start, string property, Token<Lexeme> @operator, IReadOnlyList<RqlValue> values) => new(
        PlaceOf(start), property, @operator.HasValue ? Enum.Parse<RqlOperator>(@operator.Kind.Text, ignoreCase: true) : RqlOperator.Eq, values);

    private static RqlValue ValueOf(Token<Lexeme> token) => new(
        PlaceOf(token),
        token.Kind.Kind != LexemeKind.Constant ? RqlValueKind.Text : token.Kind.Text == "null()" ? RqlValueKind.Null : RqlValueKind.Empty,
        token.Kind.Text);

    private static string Unsigned(string text) => text is ['+' or '-', .. var name] ? name : text;

    private static bool IsName(string text) => text is [var first, ..] && char.IsAsciiLetter(first) && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    private static int PlaceOf(Token<Lexeme> token) => token.Position.Absolute + 1;
}
