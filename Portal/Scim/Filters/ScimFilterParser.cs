using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Portal.Scim.Schema;

namespace Portal.Scim.Filters;

/// <summary>Parses filters, and paths of PATCH operations, which may contain a filter (RFC 7644, sections 3.4.2.2 and 3.5.2).</summary>
internal sealed partial class ScimFilterParser
{
    /// <summary>The maximum number of characters.</summary>
    public const int LongestFilter = 4_096;

    public const int LargestDepth = 16;
    public const int MostComparisons = 100;

    private readonly string _text;
    private readonly ScimSchema _schema;

    /// <summary>Within brackets, the attribute whose sub-attributes the names are; null outside.</summary>
    private ScimAttribute? _scope;

    private bool _isInBrackets;
    private int _position, _depth, _comparisons;

    private ScimFilterParser(string text, ScimSchema schema) => (_text, _schema) = (text, schema);

    /// <returns>False: the filter is invalid; <paramref name="error"/> says why.</returns>
    public static bool TryParse(string text, ScimSchema schema, [NotNullWhen(true)] out ScimFilter? filter, [NotNullWhen(false)] out string? error) =>
        TryRead(new ScimFilterParser(text, schema), parser => parser.ReadOr(), out filter, out error);

    /// <summary>Parses the path of a PATCH operation, such as <c>emails[type eq "work"].value</c>.</summary>
    /// <inheritdoc cref="TryParse"/>
    public static bool TryParsePath(string text, ScimSchema schema, [NotNullWhen(true)] out ScimPath? path, [NotNullWhen(false)] out string? error) =>
        TryRead(new ScimFilterParser(text.Trim(), schema), parser => parser.ReadPath(), out path, out error);

    private static bool TryRead<T>(ScimFilterParser parser, Func<ScimFilterParser, T> read, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? error)
        where T : class
    {
        (result, error) = (null, null);
        try
        {
            parser.CheckLength();
            var found = read(parser);
            parser.ExpectEnd();
            result = found;
            return true;
        }
        catch (SyntaxException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    private ScimPath ReadPath()
    {
        var name = ReadName();
        if (!TryTake('['))
            return new ScimPath(name.Attribute, null, name.Sub);
        var filter = ReadBracket(name);
        if (!TryTake('.'))
            return new ScimPath(name.Attribute, filter, null);
        var sub = ReadWord();
        if (name.Attribute is null)
            return new ScimPath(null, filter, null);
        if (!ScimName.TryResolveSub(name.Attribute, sub, out var resolved))
            throw NoAttribute(sub);
        return new ScimPath(resolved.Attribute, filter, resolved.Sub);
    }

    private ScimFilter ReadOr() => ReadList("or", ReadAnd, terms => new ScimOr(terms));

    private ScimFilter ReadAnd() => ReadList("and", ReadTerm, terms => new ScimAnd(terms));

    private ScimFilter ReadList(string word, Func<ScimFilter> read, Func<List<ScimFilter>, ScimFilter> join)
    {
        List<ScimFilter> terms = [read()];
        while (TryTakeWord(word))
            terms.Add(read());
        return terms is [var only] ? only : join(terms);
    }

    private ScimFilter ReadTerm()
    {
        SkipSpaces();
        if (TryTake('('))
            return ReadGroup(')');
        var start = _position;
        if (TryTakeWord("not"))
        {
            SkipSpaces();
            if (TryTake('('))
                return new ScimNot(ReadGroup(')'));
            _position = start;
        }

        var name = ReadName();
        if (!_isInBrackets && TryTake('['))
            return new ScimValueFilter(name.Attribute, ReadBracket(name));
        return ReadComparison(name);
    }

    /// <summary>Reads a filter up to the closing character.</summary>
    private ScimFilter ReadGroup(char end)
    {
        if (++_depth > LargestDepth)
            throw new SyntaxException($"The filter is nested too deeply. The limit is {LargestDepth} levels.");
        var filter = ReadOr();
        SkipSpaces();
        if (!TryTake(end))
            throw Expected($"\"{end}\"");
        _depth--;
        return filter;
    }

    private ScimFilter ReadBracket(ScimName name)
    {
        if (name.Attribute is { } attribute && (!attribute.IsMultiValued || attribute.Type != ScimType.Complex || name.Sub is not null))
            throw new SyntaxException($"{attribute.Name} can't have a filter in brackets, because it doesn't have several values with parts.");
        (_scope, _isInBrackets) = (name.Attribute, true);
        var filter = ReadGroup(']');
        (_scope, _isInBrackets) = (null, false);
        return filter;
    }

    private ScimComparison ReadComparison(ScimName name)
    {
        if (++_comparisons > MostComparisons)
            throw new SyntaxException($"The filter has too many comparisons. The limit is {MostComparisons}.");
        SkipSpaces();
        var word = ReadWord();
        if (!Enum.TryParse<ScimOperator>(word, ignoreCase: true, out var comparison) || !char.IsAsciiLetter(word[0]))
            throw new SyntaxException($"There is no operator {ScimText.Quote(word)}. Use one of eq, ne, co, sw, ew, gt, ge, lt, le, pr.");
        return comparison == ScimOperator.Pr ? new ScimComparison(name, comparison, null) : new ScimComparison(name, comparison, Check(name, comparison, ReadValue()));
    }

    /// <summary>Checks that the attribute can be compared with the value, and converts it.</summary>
    private static object? Check(ScimName name, ScimOperator comparison, object? value)
    {
        var isEquality = comparison is ScimOperator.Eq or ScimOperator.Ne;
        if (name.Compared is not { } attribute || (value is null && isEquality))
            return value;
        object? converted = attribute.Type switch
        {
            ScimType.Complex => throw new SyntaxException($"{attribute.Name} can't be compared. Compare one of its parts, such as {attribute.Name}.{attribute.SubAttributes[0].Name}."),
            ScimType.Boolean when isEquality => value is bool ? value : bool.TryParse(value as string, out var boolean) ? boolean : null,
            ScimType.DateTime when isEquality || comparison >= ScimOperator.Gt =>
                DateTimeOffset.TryParse(value as string, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null,
            ScimType.String or ScimType.Reference => value as string,
            _ => null,
        };
        return converted ?? throw new SyntaxException($"{attribute.Name} can't be compared with this operator and value.");
    }

    private ScimName ReadName()
    {
        SkipSpaces();
        var word = ReadWord();
        ScimName? name;
        if (_isInBrackets)
            return _scope is null ? new ScimName(null, null)
                : ScimName.TryResolveSub(_scope, word, out name) ? new ScimName(name.Sub, null)
                : throw NoAttribute(word);
        return ScimName.TryResolve(word, _schema, out name) ? name : throw NoAttribute(word);
    }

    private void CheckLength()
    {
        if (_text.Length > LongestFilter)
            throw new SyntaxException($"The filter has {_text.Length} characters. The limit is {LongestFilter}.");
    }

    private SyntaxException NoAttribute(string name) => new($"There is no attribute {ScimText.Quote(name)} in {_schema.Name}{(_scope is null ? "" : "." + _scope.Name)}.");
}
