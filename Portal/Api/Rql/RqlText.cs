using System.Buffers;
using System.Globalization;
using System.Text;

namespace Portal.Api.Rql;

/// <summary>A percent-decoded query string that keeps the original position of each character and whether it was encoded.</summary>
/// <remarks>A plus sign isn't a space, as in <c>2030-01-15T12:00:00+01:00</c> and <c>ordering(+name)</c>.</remarks>
internal sealed class RqlText
{
    private readonly List<char> _characters = [];
    private readonly List<bool> _encoded = [];
    private readonly List<int> _places = [];

    private RqlText(string raw) => Raw = raw;

    /// <summary>The query string as sent.</summary>
    public string Raw { get; }

    public int Length => _characters.Count;

    public char this[int index] => _characters[index];

    public bool IsEncoded(int index) => _encoded[index];

    /// <summary>The position of the character in <see cref="Raw"/>, from 0; for <see cref="Length"/>, the end.</summary>
    public int PlaceOf(int index) => index < Length ? _places[index] : Raw.Length;

    /// <summary>Whether one of the signs occurs percent-encoded.</summary>
    public bool Encodes(string signs)
    {
        for (var index = 0; index < Length; index++)
        {
            if (_encoded[index] && signs.Contains(_characters[index], StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    public string Slice(int start, int end) => string.Concat(_characters[start..end]);

    /// <returns>The error; null: valid.</returns>
    public static RqlError? Decode(string raw, out RqlText text)
    {
        text = new RqlText(raw);
        for (var index = 0; index < raw.Length;)
        {
            var used = raw[index] == '%' ? text.AddEncoded(index, out var rune) : text.AddPlain(index, out rune);
            if (used == 0)
                return new RqlError(index + 1, raw[index] == '%'
                    ? "A percent sign must start a percent-encoded UTF-8 character, such as %20. Write %25 for a percent sign."
                    : "This character is not valid.");
            if (rune.Value == 0)
                return new RqlError(index + 1, "The NUL character is not allowed.");
            index += used;
        }

        return null;
    }

    private int AddPlain(int index, out Rune rune)
    {
        if (Rune.DecodeFromUtf16(Raw.AsSpan(index), out rune, out var used) != OperationStatus.Done)
            return 0;
        Add(rune, index, encoded: false);
        return used;
    }

    private int AddEncoded(int index, out Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        while (count < bytes.Length && index + (3 * count) + 3 <= Raw.Length && Raw[index + (3 * count)] == '%'
            && byte.TryParse(Raw.AsSpan(index + (3 * count) + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count]))
            count++;
        if (Rune.DecodeFromUtf8(bytes[..count], out rune, out var used) != OperationStatus.Done)
            return 0;
        Add(rune, index, encoded: true);
        return 3 * used;
    }

    private void Add(Rune rune, int place, bool encoded)
    {
        Span<char> characters = stackalloc char[2];
        foreach (var character in characters[..rune.EncodeToUtf16(characters)])
        {
            _characters.Add(character);
            _places.Add(place);
            _encoded.Add(encoded);
        }
    }
}
