namespace Portal.Tokens.Search;

/// <content>The orders by a property with few values: tokens are counted for each value instead of being sorted.</content>
internal sealed partial class TokenIndex
{
    /// <summary>Places beyond the last of a <see cref="byte"/> can't be counted.</summary>
    private const int MostPlaces = byte.MaxValue;

    /// <summary>The rows in the order of the IDs; null: not needed or not known yet.</summary>
    private int[]? _rowsById;

    /// <summary>A page of found tokens in an order.</summary>
    /// <returns>Null: the index doesn't have this order.</returns>
    public long[]? Page(TokenSet set, IndexedOrder order, StatusClock clock, int offset, int count)
    {
        if (order.By == IndexedSort.Age)
            return set.Page(offset, count, order.Descending);
        _lock.EnterReadLock();
        try
        {
            if (PlaceBy(order, clock) is not { } placeOf)
                return null;
            // In ascending order, the page is a part of the concatenated tokens of each place.
            count = Math.Min(count, set.Count - offset);
            if (count <= 0)
                return [];
            var page = Page(set, placeOf, order.Descending ? set.Count - offset - count : offset, count);
            if (order.Descending)
                Array.Reverse(page);
            return page;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    private long[] Page(TokenSet set, Func<int, int> placeOf, int first, int count)
    {
        var places = new byte[_count];
        var counts = new int[MostPlaces + 1];
        for (var row = set.Next(0); row >= 0; row = set.Next(row + 1))
            counts[places[row] = (byte)placeOf(row)]++;
        var before = new int[counts.Length];
        for (var place = 1; place < before.Length; place++)
            before[place] = before[place - 1] + counts[place - 1];
        var page = new long[count];
        var missing = count;
        foreach (var row in RowsById(set))
            if (before[places[row]]++ - first is var at && at >= 0 && at < count)
            {
                page[at] = _ids[row];
                if (--missing == 0)
                    break;
            }

        return page;
    }

    /// <summary>The place of each row, from 0 to <see cref="MostPlaces"/>; null: the index doesn't have this order.</summary>
    private Func<int, int>? PlaceBy(IndexedOrder order, StatusClock clock)
    {
        if (order.By == IndexedSort.Status)
            return row => (int)StatusOf(row, clock);
        if (order.By == IndexedSort.Permissions)
            return row => TokenSet.Has(_allModules, row) ? MostPlaces : (int)UInt128.PopCount(_modules[row]);
        var places = _extensions.ConvertAll(extension => order.Extensions.TakeWhile(id => id != extension).Count()).ToArray();
        return places.Any(place => place == order.Extensions.Count || place > MostPlaces) ? null : row => places[_extensionOf[row]];
    }

    private IEnumerable<int> RowsById(TokenSet set)
    {
        if (_idsAscend)
        {
            for (var row = set.Next(0); row >= 0; row = set.Next(row + 1))
                yield return row;
            yield break;
        }

        // Readers that find it missing at the same time compute the same.
        var rows = _rowsById;
        if (rows?.Length != _count)
        {
            rows = [.. Enumerable.Range(0, _count)];
            Array.Sort(_ids[.._count], rows);
            _rowsById = rows;
        }

        foreach (var row in rows)
            if (set.HasRow(row))
                yield return row;
    }
}
