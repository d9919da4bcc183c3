using System.Diagnostics.CodeAnalysis;
using Superpower.Model;

namespace Portal.Api.Rql;

/// <summary>Parses the query language of the API's lists: RQL, as clients of the wire contract write it.</summary>
/// <remarks>
/// Reads the query string as it was sent, because after decoding, a sign within a value looks like a sign between values. A
/// percent-encoded sign belongs to the value: <c>name=AT%26T</c>. If the query is invalid in this reading, because a
/// client has encoded the whole query, encoded signs count as signs: first only <c>|</c>, which many HTTP libraries
/// encode automatically, then all. Encoded quotes always count, for the same reason.
/// </remarks>
public static class RqlParser
{
    /// <summary>The maximum number of characters as sent. The path and query of a request have the same limit.</summary>
    public const int LargestLength = 8192;

    /// <summary>The maximum depth of nested brackets.</summary>
    public const int LargestDepth = 32;

    /// <summary>The maximum number of words and signs in a query.</summary>
    public const int MostLexemes = 4000;

    public const int MostComparisons = 200;
    public const int MostValues = 1000;
    public const int MostNames = 32;

    private static readonly string[] Readings = ["", "|", RqlLexer.Signs];
    private static readonly string[] Operators = ["eq", "ne", "lt", "le", "lte", "gt", "ge", "gte", "in", "out", "like", "ilike"];
    private static readonly string[] Functions = [.. Operators, "range", "and", "or", "not", "t", "ordering", "select"];

    /// <param name="queryString">With or without the question mark; null or empty: no filter.</param>
    /// <param name="own">The names that the endpoint itself reads. Their values are in <see cref="RqlQuery.Extras"/>.</param>
    public static bool TryParse(
        string? queryString, [NotNullWhen(true)] out RqlQuery? query, [NotNullWhen(false)] out RqlError? error, params IReadOnlyCollection<string> own)
    {
        query = null;
        var raw = queryString is ['?', .. var rest] ? rest : queryString ?? "";
        if (raw.Length > LargestLength)
        {
            error = new RqlError(LargestLength + 1, $"The query has {raw.Length} characters, but the limit is {LargestLength}. Shorten the query.");
            return false;
        }

        error = RqlText.Decode(raw, out var text) ?? ReadInTurn(text, out var tree) ?? RqlQueryReader.Assemble(tree, own, out query);
        return error is null;

        static RqlError? ReadInTurn(RqlText decoded, out RqlNode? node)
        {
            RqlError? furthest = null;
            node = null;
            foreach (var encodedSigns in Readings.Where(signs => signs.Length == 0 || decoded.Encodes(signs)))
            {
                if (Read(decoded, encodedSigns, out node, out var isFinal) is not { } fault)
                    return null;
                if (furthest is null || isFinal || fault.Position > furthest.Position)
                    furthest = fault;
                if (isFinal)
                    break;
            }

            return furthest;
        }
    }

    private static RqlError? Read(RqlText text, string encodedSigns, out RqlNode? tree, out bool isFinal)
    {
        tree = null;
        var lexer = new RqlLexer(text, encodedSigns);
        var error = lexer.Cut(out var lexemes);
        isFinal = lexer.IsTooLarge;
        if (error is not null || lexemes.IsAtEnd)
            return error;
        var result = RqlGrammar.Read(lexemes);
        if (result.HasValue)
        {
            tree = result.Value;
            return null;
        }

        return result.Remainder.IsAtEnd
            ? new RqlError(text.Raw.Length + 1, $"The query is incomplete. Expected {Expected(result.Expectations)}.")
            : Unexpected(result.Remainder.ConsumeToken().Value, result.Expectations);
    }

    private static RqlError Unexpected(Token<Lexeme> found, string[]? expectations) => new(found.Position.Absolute + 1, found.Kind switch
    {
        { Kind: LexemeKind.Function, Text: var name } when !Functions.Contains(name) =>
            $"There is no function {Quote(name)}. Use one of {string.Join(", ", Functions)}. Enclose a value that contains parentheses in quotation marks.",
        { Kind: LexemeKind.Infix, Text: var name } when !Operators.Contains(name) =>
            $"There is no operator {Quote(name)}. Use one of {string.Join(", ", Operators)}. Enclose a value that contains an equal sign in quotation marks.",
        { Kind: LexemeKind.Sign, Text: "|" or ";" } =>
            $"{Quote(found.Kind.Text)} is not expected here. Alternatives must be in parentheses and use a single separator: (a=b|c=d).",
        { Text: var text } => $"{Quote(text)} is not expected here. Expected {Expected(expectations)}.",
    });


    private static string Expected(string[]? expectations) =>
        expectations is { Length: > 0 }
            ? string.Join(" or ", expectations.Distinct().Select(what => what.Length == 1 ? Quote(what) : what))
            : "\"&\" or \",\" or the end";

    /// <summary>Quotes a part of the query, shortened for a message.</summary>
    internal static string Quote(string text) => text.Length <= 60 ? $"\"{text}\"" : $"\"{text[..60]}…\"";
}
