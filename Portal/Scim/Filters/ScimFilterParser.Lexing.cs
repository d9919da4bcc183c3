using System.Globalization;
using System.Text.Json;

namespace Portal.Scim.Filters;

/// <content>Reads words, values and signs.</content>
internal sealed partial class ScimFilterParser
{
    /// <returns>A string, a Boolean, a number, or null.</returns>
    private object? ReadValue()
    {
        SkipSpaces();
        if (_position < _text.Length && _text[_position] == '"')
            return ReadString();
        var word = ReadWord();
        return word switch
        {
            "true" => true,
            "false" => false,
            "null" => null,
            _ when double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new SyntaxException($"{ScimText.Quote(word)} is not a value. Enclose texts in quotation marks."),
        };
    }

    /// <summary>Reads a JSON string.</summary>
    private string ReadString()
    {
        var start = _position++;
        while (_position < _text.Length && _text[_position] != '"')
            _position += _text[_position] == '\\' ? 2 : 1;
        if (_position++ >= _text.Length)
            throw new SyntaxException("The closing quotation mark of a value is missing.");
        try
        {
            return JsonSerializer.Deserialize<string>(_text.AsSpan(start, _position - start))!;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new SyntaxException($"The text at character {start + 1} is not a valid JSON string.");
        }
    }

    private string ReadWord()
    {
        var start = _position;
        while (_position < _text.Length && IsOfWord(_text[_position]))
            _position++;
        return _position > start ? _text[start.._position] : throw Expected("a name or a value");
    }

    private bool TryTakeWord(string word)
    {
        SkipSpaces();
        var end = _position + word.Length;
        if (end > _text.Length || !_text.AsSpan(_position, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase) || (end < _text.Length && IsOfWord(_text[end])))
            return false;
        _position = end;
        return true;
    }

    private bool TryTake(char sign)
    {
        if (_position >= _text.Length || _text[_position] != sign)
            return false;
        _position++;
        return true;
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] == ' ')
            _position++;
    }

    private void ExpectEnd()
    {
        SkipSpaces();
        if (_position < _text.Length)
            throw Expected("the end");
    }

    private SyntaxException Expected(string what) => new(_position < _text.Length
        ? $"Expected {what} at character {_position + 1}, but found {ScimText.Quote(_text[_position..])}."
        : $"Expected {what}, but the text ends.");

    private static bool IsOfWord(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or ':' or '-' or '_' or '$' or '+';

    private sealed class SyntaxException(string message) : Exception(message);
}
