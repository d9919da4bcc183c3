using System.Numerics;

namespace Portal.Tokens.Search;

/// <summary>Tokens that a search found, as one bit for each row of the index. Immutable.</summary>
internal sealed class TokenSet
{
    private const int BitsPerWord = 64;

    private readonly TokenIndex _index;
    private readonly long[] _ids;
    private readonly ulong[] _rows;
    private readonly Lazy<IdBits> _byId;

    /// <param name="index">The index that found them.</param>
    /// <param name="ids">The IDs by row; rows are in order of age.</param>
    /// <param name="rows">A bit for each row.</param>
    public TokenSet(TokenIndex index, long[] ids, ulong[] rows)
    {
        (_index, _ids, _rows) = (index, ids, rows);
        foreach (var word in rows)
            Count += BitOperations.PopCount(word);
        _byId = new(MapById);
    }

    public int Count { get; }

    /// <summary>The memory that it takes, roughly.</summary>
    public int Bytes => 2 * sizeof(ulong) * _rows.Length;

    public static ulong[] Empty(int rows) => new ulong[(rows + BitsPerWord - 1) / BitsPerWord];

    public static ulong[] Full(int rows)
    {
        var full = Empty(rows);
        Array.Fill(full, ulong.MaxValue);
        if (rows % BitsPerWord != 0)
            full[^1] = (1UL << (rows % BitsPerWord)) - 1;
        return full;
    }

    public static bool Has(ulong[] rows, int row) => (rows[row / BitsPerWord] & (1UL << (row % BitsPerWord))) != 0;

    public static void Set(ulong[] rows, int row, bool isIn)
    {
        if (isIn)
            Add(rows, row);
        else
            rows[row / BitsPerWord] &= ~(1UL << (row % BitsPerWord));
    }

    public static void Add(ulong[] rows, int row) => rows[row / BitsPerWord] |= 1UL << (row % BitsPerWord);

    /// <summary>Whether the set contains a row of the index. Rows that were added to the index later aren't in it.</summary>
    public bool HasRow(int row) => row / BitsPerWord < _rows.Length && Has(_rows, row);

    public bool Contains(long id) => _byId.Value.Contains(id);

    /// <summary>The first row of the set from this one on; -1: none. Rows are in order of age.</summary>
    public int Next(int row)
    {
        var i = row / BitsPerWord;
        if (i >= _rows.Length)
            return -1;
        var word = _rows[i] & (ulong.MaxValue << (row % BitsPerWord));
        while (word == 0)
        {
            if (++i == _rows.Length)
                return -1;
            word = _rows[i];
        }

        return (i * BitsPerWord) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>The IDs, oldest first.</summary>
    public IEnumerable<long> Ids()
    {
        for (var row = Next(0); row >= 0; row = Next(row + 1))
            yield return _ids[row];
    }

    /// <summary>The tokens of this set whose ID is among others.</summary>
    public TokenSet Only(IdBits ids) => Only(row => ids.Contains(_ids[row]));

    /// <summary>The tokens of this set whose row meets the condition.</summary>
    public TokenSet Only(Func<int, bool> isWanted)
    {
        var both = new ulong[_rows.Length];
        for (var row = Next(0); row >= 0; row = Next(row + 1))
            if (isWanted(row))
                Add(both, row);
        return new TokenSet(_index, _ids, both);
    }

    /// <summary>A page in order of age. It skips whole words of the rows before it.</summary>
    public long[] Page(int offset, int count, bool descending)
    {
        count = Math.Min(count, Count - offset);
        if (count <= 0)
            return [];
        var skip = descending ? Count - offset - count : offset;
        var page = new long[count];
        var found = 0;
        for (var i = 0; found < count; i++)
        {
            var word = _rows[i];
            if (skip > 0 && BitOperations.PopCount(word) is var inWord && inWord <= skip)
            {
                skip -= inWord;
                continue;
            }

            for (; word != 0 && found < count; word &= word - 1)
                if (skip > 0)
                    skip--;
                else
                    page[found++] = _ids[(i * BitsPerWord) + BitOperations.TrailingZeroCount(word)];
        }

        if (descending)
            Array.Reverse(page);
        return page;
    }

    /// <summary>A page in an order that the index knows.</summary>
    /// <returns>Null: the index doesn't have this order.</returns>
    public long[]? Page(IndexedOrder order, StatusClock clock, int offset, int count) => _index.Page(this, order, clock, offset, count);

    private IdBits MapById()
    {
        var bits = new IdBits();
        for (var row = Next(0); row >= 0; row = Next(row + 1))
            bits.Add(_ids[row]);
        return bits;
    }
}
