using Superpower.Model;

namespace Portal.Api.Rql;

internal enum LexemeKind
{
    /// <summary>A property or an unquoted value.</summary>
    Word,
    Quoted,

    /// <summary>A word with a bracket right after it: <c>eq(</c>.</summary>
    Function,

    /// <summary>A word between two equal signs: <c>=ge=</c>.</summary>
    Infix,

    /// <summary><c>null()</c> or <c>empty()</c>, the brackets included.</summary>
    Constant,
    Sign,
}

/// <param name="Text">Decoded and without quotes. For <see cref="LexemeKind.Sign"/>, the sign itself.</param>
internal sealed record Lexeme(LexemeKind Kind, string Text);

/// <summary>Splits a query into words, quoted texts and signs.</summary>
/// <param name="encodedSigns">The signs that also count as signs when they are percent-encoded.</param>
internal sealed class RqlLexer(RqlText text, string encodedSigns)
{
    public const string Signs = "&,;|()=";

    private readonly List<Token<Lexeme>> _lexemes = [];
    private int _depth;
    private int _at;

    /// <summary>Whether the query is too large, regardless of how encoded signs are read.</summary>
    public bool IsTooLarge { get; private set; }

    /// <returns>The error; null: the query was split completely.</returns>
    public RqlError? Cut(out TokenList<Lexeme> lexemes)
    {
        RqlError? error = null;
        while (error is null && _at < text.Length)
        {
            error = IsSign(_at) ? CutSign()
                : text[_at] is '"' or '\'' ? CutQuoted()
                : CutWord();
            if (error is null && _lexemes.Count > RqlParser.MostLexemes)
                error = TooLarge(_at, $"The query has more than {RqlParser.MostLexemes} names, values and symbols. Simplify the query.");
        }

        lexemes = new TokenList<Lexeme>([.. _lexemes]);
        return error;
    }

    private RqlError? CutSign()
    {
        _depth += text[_at] switch { '(' => 1, ')' => -1, _ => 0 };
        if (_depth > RqlParser.LargestDepth)
            return TooLarge(_at, $"Parentheses are nested more than {RqlParser.LargestDepth} levels deep. Simplify the query.");
        Add(LexemeKind.Sign, text[_at].ToString(), _at, _at + 1);
        return null;
    }

    private RqlError? CutQuoted()
    {
        var end = _at + 1;
        while (end < text.Length && text[end] != text[_at])
            end++;
        if (end == text.Length)
            return Error(_at, "This quotation mark is never closed.");
        if (end + 1 < text.Length && !IsSign(end + 1))
            return Error(end + 1, "The closing quotation mark must end the value. If the value contains one kind of quotation mark, enclose it in the other kind.");
        Add(LexemeKind.Quoted, text.Slice(_at + 1, end), _at, end + 1);
        return null;
    }

    private RqlError? CutWord()
    {
        if (!MayBegin(_at))
            return Error(_at, "A property or value can't start with this character. Enclose the value in quotation marks: \"...\".");
        var end = _at;
        for (; end < text.Length && !IsSign(end); end++)
        {
            if (text[end] is '"' or '\'')
                return Error(end, "Enclose a value that contains a quotation mark in the other kind: \"...\" or '...'.");
        }

        var word = text.Slice(_at, end);
        if (word is "null" or "empty" && Is(end, '(') && Is(end + 1, ')'))
            Add(LexemeKind.Constant, $"{word}()", _at, end + 2);
        else
            Add(KindOf(word, end), word, _at, end);
        return null;
    }

    private LexemeKind KindOf(string word, int end) =>
        Is(end, '(') ? LexemeKind.Function
        : word is "null()" or "empty()" ? LexemeKind.Constant
        : Is(end, '=') && _lexemes is [.., { Kind: { Kind: LexemeKind.Sign, Text: "=" } }] ? LexemeKind.Infix
        : LexemeKind.Word;

    /// <summary>Whether a value can start with the character. These include characters that clients always or never encode.</summary>
    private bool MayBegin(int index) =>
        !char.IsWhiteSpace(text[index])
        && (text.IsEncoded(index) || !char.IsAscii(text[index]) || char.IsAsciiLetterOrDigit(text[index])
            || text[index] is '_' or '-' or '.' or '~' or '*' or '+' or '\\');

    private bool IsSign(int index) => (text.IsEncoded(index) ? encodedSigns : Signs).Contains(text[index], StringComparison.Ordinal);

    private bool Is(int index, char sign) => index < text.Length && text[index] == sign && IsSign(index);

    private void Add(LexemeKind kind, string content, int start, int end)
    {
        var place = text.PlaceOf(start);
        _lexemes.Add(new Token<Lexeme>(new Lexeme(kind, content), new TextSpan(text.Raw, new Position(place, 1, place + 1), text.PlaceOf(end) - place)));
        _at = end;
    }

    private RqlError TooLarge(int index, string message)
    {
        IsTooLarge = true;
        return Error(index, message);
    }

    private RqlError Error(int index, string message) => new(text.PlaceOf(index) + 1, message);
}
