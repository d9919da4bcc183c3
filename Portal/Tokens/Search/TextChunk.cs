using System.Runtime.InteropServices;

namespace Portal.Tokens.Search;

/// <summary>The texts of many tokens in one array, which is searched as a whole.</summary>
internal sealed class TextChunk
{
    /// <summary>The number of texts that a chunk can hold.</summary>
    public const int MostPlaces = 1 << 16;

    private const int Size = 1 << 20;

    /// <summary>The number of texts that are skipped one by one before searching for the place of a match.</summary>
    private const int Near = 8;

    private readonly byte[] _bytes;
    private readonly List<int> _starts = [], _rows = [];
    private int _length;

    /// <param name="atLeast">The length of the first text.</param>
    public TextChunk(int atLeast) => _bytes = new byte[Math.Max(Size, atLeast)];

    /// <summary>The bytes of texts that were replaced.</summary>
    public int Wasted { get; private set; }

    public int Length => _length;

    /// <returns>The place of the text; -1 if it doesn't fit.</returns>
    public int TryAdd(ReadOnlySpan<byte> text, int row)
    {
        if (_bytes.Length - _length < text.Length || _starts.Count == MostPlaces)
            return -1;
        text.CopyTo(_bytes.AsSpan(_length));
        _starts.Add(_length);
        _rows.Add(row);
        _length += text.Length;
        return _starts.Count - 1;
    }

    /// <summary>Removes a text that was replaced. It is no longer found.</summary>
    public void Remove(int place)
    {
        _rows[place] = -1;
        Wasted += EndOf(place) - _starts[place];
    }

    /// <summary>Finds the rows whose text contains all words.</summary>
    /// <param name="words">At least one.</param>
    public void Find(ReadOnlySpan<byte[]> words, ulong[] found)
    {
        ReadOnlySpan<byte> bytes = _bytes.AsSpan(0, _length);
        ReadOnlySpan<int> starts = CollectionsMarshal.AsSpan(_starts), rows = CollectionsMarshal.AsSpan(_rows);
        ReadOnlySpan<byte> first = words[0];
        var place = 0;
        for (var from = 0; from < bytes.Length; place++)
        {
            var at = bytes[from..].IndexOf(first);
            if (at < 0)
                return;
            place = PlaceOf(starts, from + at, place);
            var end = place + 1 < starts.Length ? starts[place + 1] : bytes.Length;
            if (rows[place] >= 0 && (words.Length == 1 || ContainsAll(bytes[starts[place]..end], words)))
                TokenSet.Add(found, rows[place]);
            from = end;
        }
    }

    /// <summary>The first word is known to be in the text.</summary>
    private static bool ContainsAll(ReadOnlySpan<byte> text, ReadOnlySpan<byte[]> words)
    {
        for (var i = 1; i < words.Length; i++)
            if (text.IndexOf(words[i]) < 0)
                return false;
        return true;
    }

    /// <summary>The text at a position. With many matches it is one of the next; with few, it is far away.</summary>
    private static int PlaceOf(ReadOnlySpan<int> starts, int position, int after)
    {
        for (var i = 0; i < Near; i++, after++)
            if (after + 1 >= starts.Length || starts[after + 1] > position)
                return after;
        var found = starts[after..].BinarySearch(position);
        return after + (found >= 0 ? found : ~found - 1);
    }

    private int EndOf(int place) => place + 1 < _starts.Count ? _starts[place + 1] : _length;
}
